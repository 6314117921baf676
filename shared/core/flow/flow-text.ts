import { canonicalJson, type Json } from "../json.ts";
import type { CompiledFlow } from "./plan.ts";

/** The text whose hash a flow has, and that libraries hold. */
export const canonicalText = (flow: CompiledFlow): string =>
  // Compiled flows are plain data; interfaces only lack the index signature that `Json` asks for.
  canonicalJson(flow as unknown as Json);
