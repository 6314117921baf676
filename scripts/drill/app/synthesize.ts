import { fileURLToPath } from "node:url";
import { synthesize, type Synthesis } from "#local/synth.ts";

/** The template of the stack whose alarms are rung. */
export function synthesizeDrill(onProgress?: (text: string) => void): Promise<Synthesis> {
  const folder = fileURLToPath(new URL(".", import.meta.url));
  return synthesize({ app: `${folder}app.ts`, sources: [folder], ...(onProgress && { onProgress }) });
}
