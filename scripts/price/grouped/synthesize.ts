import { fileURLToPath } from "node:url";
import { synthesize, type Synthesis } from "#local/synth.ts";

/** The template of the sample application in one group. */
export function synthesizeGrouped(): Promise<Synthesis> {
  const folder = fileURLToPath(new URL(".", import.meta.url));
  return synthesize({ app: `${folder}app.ts`, sources: [folder] });
}
