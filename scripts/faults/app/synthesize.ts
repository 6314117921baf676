import { fileURLToPath } from "node:url";
import { synthesize, type Synthesis } from "#local/synth.ts";

/** The template of the stack whose agents can be made to fail. */
export function synthesizeFaults(): Promise<Synthesis> {
  const folder = fileURLToPath(new URL(".", import.meta.url));
  return synthesize({ app: `${folder}app.ts`, sources: [folder] });
}
