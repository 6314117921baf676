/** Its types are no part of it. */
declare module "express" {
  import type { RequestListener } from "node:http";
  const express: () => RequestListener & { use(...handlers: unknown[]): void };
  export default express;
}
