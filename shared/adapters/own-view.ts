import { isJsonObject, type Json } from "#core/json.ts";
import { approvalSection } from "./interruption.ts";

/** A view without what the spine keeps in it for the agent's own questions. */
export function ownView(view: unknown, section: string): Json {
  if (!isJsonObject(view)) return view as Json; // views are JSON
  const own = [section, approvalSection(section)];
  return Object.fromEntries(Object.entries(view).filter(([name]) => !own.includes(name)));
}
