import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { UNDERSTANDING, type Terms } from "../application.ts";
import type { Dialogue } from "../dialogue-schema.ts";
import type { Conversations } from "../dialogues.ts";
import { sectionOf } from "../service-contract.ts";

const BUILDS = fileURLToPath(new URL("../../../.build/replay", import.meta.url));
/** From a build's folder to the modules that it is made from. */
const SOURCES = "../../../scripts/replay";

/** The module of a build's application. */
export const applicationIn = (build: string): string => join(build, "application.ts");
/** The module that hosts an agent of a build. */
export const entryIn = (build: string, agent: string): string => join(build, "agents", `${agent}.ts`);

/**
 * Writes the modules of an application for these conversations: the application, and an entry for each agent with the
 * part of the dialogues that it needs. The folder is named by what is in it, so nothing is written twice.
 */
export function writeBuild({ services, dialogues }: Conversations, terms: Terms): string {
  const all = [...services.values()];
  const files: Record<string, string> = {
    "services.json": JSON.stringify(all),
    "terms.json": JSON.stringify(terms),
    "application.ts": applicationModule,
    [`agents/${UNDERSTANDING}.json`]: JSON.stringify(dialogues),
    [`agents/${UNDERSTANDING}.ts`]: entryModule(UNDERSTANDING, "hostUnderstanding({"),
  };
  for (const { service_name: service } of all) {
    const name = sectionOf(service);
    files[`agents/${name}.json`] = JSON.stringify(dialogues.flatMap((one) => annotationsOf(one, service)));
    files[`agents/${name}.ts`] = entryModule(name, `hostService(${JSON.stringify(name)}, {`);
  }
  const hash = createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 32);
  const dir = join(BUILDS, hash);
  if (!existsSync(dir)) writeWhole(dir, files);
  return dir;
}

/** A dialogue as one service knows it: what it answered. */
function annotationsOf(dialogue: Dialogue, service: string): readonly Dialogue[] {
  if (!dialogue.services.includes(service)) return [];
  const turns = dialogue.turns.map((turn) => ({
    ...turn,
    utterance: "",
    frames: turn.speaker === "SYSTEM" ? turn.frames.filter((frame) => frame.service === service) : [],
  }));
  // Each turn keeps its speaker; the frames that are left are of that speaker's kind.
  return [{ ...dialogue, turns: turns as Dialogue["turns"] }];
}

const applicationModule = `import { contractsOf, definitionOf } from "${SOURCES}/application.ts";
import services from "./services.json" with { type: "json" };
import terms from "./terms.json" with { type: "json" };

export const applicationDefinition = definitionOf(contractsOf(services, terms), terms);
`;

const entryModule = (
  name: string,
  host: string,
): string => `import { ${host.split("(")[0]} } from "../${SOURCES}/deployed/host.ts";
import services from "../services.json" with { type: "json" };
import terms from "../terms.json" with { type: "json" };
import dialogues from "./${name}.json" with { type: "json" };

export const handler = ${host} services, dialogues, terms });
`;

/** Two at once do not disturb each other: a folder appears under its name when it is whole. */
function writeWhole(dir: string, files: Readonly<Record<string, string>>): void {
  const draft = `${dir}.${process.pid}`;
  for (const [name, text] of Object.entries(files)) {
    const file = join(draft, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  try {
    renameSync(draft, dir);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(dir)) throw error;
  }
}
