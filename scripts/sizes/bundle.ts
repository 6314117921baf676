import { readdirSync } from "node:fs";
import { build, type Metafile } from "esbuild";

export const ROOT = new URL("../..", import.meta.url).pathname;

export interface Bundle {
  readonly bytes: number;
  /** Files of ours and of packages that got in, by path from the root. */
  readonly inputs: readonly string[];
  /** Modules that stayed outside, such as those of Node. */
  readonly external: readonly string[];
  readonly metafile: Metafile;
}

/** What a function on the deployed platform would load: minified ESM, the browser-less module build of each package. */
export async function bundle(modules: readonly string[]): Promise<Bundle> {
  const { metafile } = await build({
    stdin: {
      contents: modules.map((path, index) => `export * as m${index} from "./${path}";`).join("\n"),
      resolveDir: ROOT,
      sourcefile: "entry.ts",
    },
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    logLevel: "silent",
    outfile: "bundle.mjs",
  });
  const [output] = Object.values(metafile.outputs);
  if (output === undefined) throw new Error(`Nothing was bundled from ${modules.join(", ")}.`);
  const external = output.imports.filter((one) => one.external === true).map(({ path }) => path);
  const inputs = Object.keys(metafile.inputs).filter((path) => path !== "entry.ts");
  return { bytes: output.bytes, inputs, external, metafile };
}

export interface Budget {
  readonly name: string;
  readonly modules: readonly string[];
  readonly mostBytes: number;
}

/** What the factories of a function take, without its adapters. Raising a number is a decision, made in a reviewed line. */
export const BUDGETS: readonly Budget[] = [
  { name: "core", modules: ["shared/core/index.ts"], mostBytes: 200_000 },
  {
    name: "coordinator and door",
    modules: ["shared/runtime/doors/create-coordinator.ts", "shared/runtime/doors/create-door.ts"],
    mostBytes: 400_000,
  },
  { name: "agent host", modules: ["shared/runtime/agents/create-agent-host.ts"], mostBytes: 350_000 },
  { name: "ingress", modules: ["shared/runtime/doors/create-ingress.ts"], mostBytes: 400_000 },
  {
    name: "relay",
    modules: ["shared/runtime/relay/create-relay.ts", "shared/runtime/relay/create-relay-batches.ts"],
    mostBytes: 400_000,
  },
  {
    name: "recovery",
    modules: ["recovery", "letter-confirmer", "operator", "redrive"].map(
      (part) => `shared/runtime/letters/create-${part}.ts`,
    ),
    mostBytes: 350_000,
  },
];

export interface FunctionBudget {
  /** Of its name what follows the stack's prefix. */
  readonly name: string;
  /** Below functions/. */
  readonly entry: string;
  readonly mostBytes: number;
}

/** What Lambda loads of an agent's function at init. The documents agent stands on S3, whose client is 110 kB of it. */
const AGENT_BYTES = 380_000;
const LARGER_AGENTS: Readonly<Record<string, number>> = { documents: 491_500 };

/**
 * What Lambda loads at init: adapters, the SDK, the project's own application as data, or an agent. Raising a number is a decision, made in
 * a reviewed line: the three that decide went from 450 kB to 500 with runs that stand on their own values, kept events, decisions that
 * stop at their size, expressions that pay for what they touch, and personal values that are followed; and back by what the application
 * was written with; all three up by 1 to 3 kB again with states that are kept, hand-overs and
 * short pauses, and calls to AWS that cost less; by 1.5 kB with flows that stand apart; by 5 kB with forks, and ingress by 3 more with the list of sessions; by 3 kB with signals (1.5 in ingress, 1 in agents), and ingress by 1 with scores;
 * the operator by 5 kB with what it tells of agents and queues, and by 4 with metrics, alarms and limits; those that write breakers by 0.5 with their history. Each leaves room for one agent more, which docs/add-an-agent.md adds: some 400 bytes.
 */
export const FUNCTION_BUDGETS: readonly FunctionBudget[] = [
  { name: "coordinator", entry: "coordinator/handler.ts", mostBytes: 490_700 },
  { name: "door", entry: "door/handler.ts", mostBytes: 483_600 },
  { name: "ingress", entry: "ingress/handler.ts", mostBytes: 512_500 },
  { name: "intake", entry: "intake/handler.ts", mostBytes: 280_000 },
  { name: "relay", entry: "relay/handler.ts", mostBytes: 345_000 },
  { name: "recovery", entry: "recovery/handler.ts", mostBytes: 268_000 },
  { name: "operator", entry: "operator/handler.ts", mostBytes: 318_000 },
  { name: "retention", entry: "retention/handler.ts", mostBytes: 264_500 },
  { name: "stream", entry: "stream/handler.ts", mostBytes: 245_500 },
  { name: "questions", entry: "questions/handler.ts", mostBytes: 210_000 },
  { name: "progress", entry: "progress/handler.ts", mostBytes: 226_000 },
  { name: "callback", entry: "callback/handler.ts", mostBytes: 291_000 },
  ...readdirSync(`${ROOT}functions/agents`).map((name) => ({
    name: `agent-${name}`,
    entry: `agents/${name}/handler.ts`,
    mostBytes: LARGER_AGENTS[name] ?? AGENT_BYTES,
  })),
  { name: "scorers", entry: "subscribers/scorers/handler.ts", mostBytes: 224_000 },
  { name: "mirror", entry: "subscribers/mirror/handler.ts", mostBytes: 224_000 },
];
