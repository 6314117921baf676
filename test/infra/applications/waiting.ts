import { applicationDefinition as shared } from "./slow.ts";

await Promise.resolve();

export const applicationDefinition = shared;
