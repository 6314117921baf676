import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import type { Agent } from "#core/contract.ts";
import type { Problem } from "#core/errors.ts";
import { UsageError } from "#client/usage-error.ts";
import { createHotModules } from "../dev/hot-modules.ts";
import { describeLoadError } from "../dev/load-error.ts";
import { readApplication } from "../dev/read-application.ts";
import { handlerText } from "./agent-texts.ts";
import { camel, pascal } from "./names.ts";
import type { Plan, Project } from "./plan.ts";

/** What it takes to deploy, and to run a deployment on this machine: the versions that this package is tested with. */
export const BROUGHT: Readonly<Record<string, string>> = {
  "aws-cdk": "2.1148.1",
  "aws-cdk-lib": "2.276.0",
  "aws-local-stepfunctions": "3.0.0",
  constructs: "10.8.1",
  dynalite: "4.0.0",
};
/** Commands of the application. */
export const SCRIPTS = {
  synth: "cdk synth --quiet",
  deploy: "cdk deploy",
  "dev:aws": "event-spine dev --aws",
};

/** A stack for the application as it is: a function for each agent, and what the CDK needs. */
export async function planAws({ app, extension }: Project): Promise<Plan> {
  const agents = await agentsOf(app);
  const problems = (await Promise.all(agents.map((agent) => hostingProblem(agent, extension)))).flat();
  const manifest = readManifest();
  if (manifest === undefined)
    problems.push({
      field: "package.json",
      problem: "is missing, or no JSON object",
      repair: "Call npm init.",
    });
  const handlers = agents.map(({ contract: { spec } }) => [
    `infra/handlers/${spec.name}${extension}`,
    handlerText(spec.name, extension),
  ]);
  const name = typeof manifest?.["name"] === "string" ? manifest["name"] : "spine";
  return {
    created: {
      [`infra/app${extension}`]: stackText(pascal(name), app, extension),
      ...(Object.fromEntries(handlers) as Record<string, string>),
      "cdk.json": `${JSON.stringify({ app: `node infra/app${extension}` }, undefined, 2)}\n`,
    },
    changed: manifest === undefined ? {} : { "package.json": withPackages(manifest) },
    problems,
    next: [
      "Install the packages that were added: npm install.",
      "Then: npm run synth (no account is needed), npm run dev:aws (the same on this machine), npm run deploy.",
    ],
  };
}

async function agentsOf(app: string): Promise<readonly Agent[]> {
  const modules = createHotModules(resolve(app));
  try {
    return readApplication(app, await modules.load()).agents;
  } catch (error) {
    throw new UsageError(await describeLoadError(error, modules.files()), { cause: error });
  }
}

/** A function's module imports its agent alone, so that it is small and has only what it needs. */
async function hostingProblem({ contract, ...agent }: Agent, extension: string): Promise<readonly Problem[]> {
  const { name, group } = contract.spec;
  const file = `agents/${name}${extension}`;
  const repair = "Write infra/handlers yourself: docs/package.md shows how.";
  if (group !== undefined) return [{ field: name, problem: `is of the group "${group}"`, repair }];
  const exported = existsSync(file) ? await exportedBy(file) : {};
  if (exported[`${camel(name)}Agent`]?.run === agent.run) return [];
  const problem = `is not exported by ${file} as ${camel(name)}Agent`;
  return [{ field: name, problem, repair: `Export it there. ${repair}` }];
}

/** Agents are looked for among what it exports. */
const exportedBy = async (file: string) =>
  (await import(pathToFileURL(resolve(file)).href)) as Readonly<Record<string, Partial<Agent> | undefined>>;

function readManifest(): JsonObject | undefined {
  try {
    // Whatever parses is JSON.
    const parsed = JSON.parse(readFileSync("package.json", "utf8")) as Json;
    return isJsonObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** What somebody has chosen stands. */
function withPackages(manifest: JsonObject): string {
  const { scripts = {}, devDependencies = {}, dependencies = {} } = manifest;
  const known = { ...objectOf(dependencies), ...objectOf(devDependencies) };
  const packages = Object.entries({ ...objectOf(devDependencies), ...missingIn(known, BROUGHT) });
  const changed = {
    ...manifest,
    scripts: { ...objectOf(scripts), ...missingIn(objectOf(scripts), SCRIPTS) },
    devDependencies: Object.fromEntries(packages.toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
  return `${JSON.stringify(changed, undefined, 2)}\n`;
}

const missingIn = (known: JsonObject, all: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(all).filter(([name]) => !Object.hasOwn(known, name)));

const objectOf = (value: Json): JsonObject => (isJsonObject(value) ? value : {});

const stackText = (
  name: string,
  app: string,
  extension: string,
): string => `import { App, Stack } from "aws-cdk-lib";
import { EventSpine } from "event-spine/infra";
import { agents } from "../${app}";

const app = new App();
new EventSpine(new Stack(app, "${name}"), "Spine", {
  application: "${app}",
  agents: Object.fromEntries(
    agents.map(({ contract: { spec } }) => [spec.name, { entry: \`infra/handlers/\${spec.name}${extension}\` }]),
  ),
  rights: {
    // Whoever is at the machine that runs \`event-spine dev --aws\`: no account at AWS has this number. Name your own roles beside it;
    // whoever has no entry may only send.
    "000000000000": ["send", "read", "answer", "command", "operate"],
  },
});
app.synth();
`;
