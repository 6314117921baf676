export { expect, it } from "@jest/globals";
