import { existsSync } from "node:fs";
import type { Problem } from "#core/errors.ts";
import { agentTest, handlerText, plainAgent } from "./agent-texts.ts";
import { ENTRIES } from "../build/package-files.ts";
import { frameworkAgent, type From } from "./framework-agents.ts";
import { camel, nameProblems } from "./names.ts";
import type { Plan, Project } from "./plan.ts";
import { listAfter, withImport, withItem } from "./source-text.ts";

export interface AddedAgent {
  readonly name: string;
  /** The flow that gets the step. @default the first of the application's module */
  readonly flow?: string;
  /** What it stands on. @default nothing: plain code */
  readonly from?: From;
}

const AGENTS = /\bagents\b[^=\n]*=\s*\[/;
/** Begins the plan of a flow, behind its name where one is asked for. */
const planOf = (flow: string | undefined): RegExp =>
  flow === undefined
    ? /\bplan:\s*sequence\(/
    : new RegExp(`name:\\s*["']${flow.replaceAll(/[^\w-]/g, "")}["'][^]*?\\bplan:\\s*sequence\\(`);

/** An agent with its contract, its test, and what the application's module needs to call it. */
export function planAgent(project: Project, { name, flow, from }: AddedAgent): Plan {
  const { app, source, extension } = project;
  const problems: Problem[] = [...nameProblems("agent", name, source)];
  if (from !== undefined && ENTRIES[`./adapters/${from}`] === undefined)
    problems.push({
      field: "--from",
      problem: `this version of event-spine has no adapter "${from}"`,
      repair: "Leave it out.",
    });
  const value = camel(name);
  const made = from === undefined ? undefined : frameworkAgent(name, from);
  const edited = [listed, stepped(flow)].reduce(
    (text, edit) => edit(text, value, (problem) => problems.push({ ...problem, field: app })),
    withImport(source, `import { ${value}, ${value}Agent } from "./agents/${name}${extension}";`),
  );
  const handler = `infra/handlers/${name}${extension}`;
  return {
    created: {
      [`agents/${name}${extension}`]: made?.text ?? plainAgent(name),
      [`test/${name}.test${extension}`]: agentTest(name, extension, made && `"${made.answers}"`),
      ...(existsSync("infra/handlers") && { [handler]: handlerText(name, extension) }),
    },
    changed: { [app]: edited },
    problems,
    next: [
      ...(made === undefined ? [] : [made.next]),
      `Write what it reads, answers and does in agents/${name}${extension}, then run npm test.`,
    ],
  };
}

type Edit = (text: string, value: string, refuse: (problem: Omit<Problem, "field">) => void) => string;

const listed: Edit = (text, value, refuse) => {
  const list = listAfter(text, AGENTS);
  if (list !== undefined) return withItem(text, list, `${value}Agent`);
  const repair = `Write export const agents: readonly Agent[] = [${value}Agent].`;
  refuse({ problem: "has no list of agents", repair });
  return text;
};

const stepped =
  (flow: string | undefined): Edit =>
  (text, value, refuse) => {
    const list = listAfter(text, planOf(flow));
    if (list === undefined) {
      const repair = `Name a flow of this module with --flow, or write step(${value}) yourself.`;
      refuse({
        problem: `has no flow${flow === undefined ? "" : ` "${flow}"`} with plan: sequence(…)`,
        repair,
      });
      return text;
    }
    const last = list.items.at(-1);
    const repliesLast = last !== undefined && /^reply\(/.test(text.slice(last.start, last.end));
    return withItem(text, list, `step(${value})`, list.items.length - (repliesLast ? 1 : 0));
  };
