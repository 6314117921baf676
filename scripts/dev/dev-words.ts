import { relative } from "node:path";
import type { FlowDefinition } from "#core/flow/plan.ts";
import { SPINE_COMMAND } from "#client/spine-command.ts";
import { quoted } from "#console/model/command-lines.ts";
import type { RunnableApplication } from "#testing/in-process/in-process-spine.ts";
import type { DevSpine } from "./dev-spine.ts";
import { exampleData } from "./example-data.ts";
import type { UnfitSession } from "./find-unfit-sessions.ts";

export interface Greeted {
  readonly app: string;
  readonly application: RunnableApplication;
  readonly url: string;
  /** The console's address, with its token. */
  readonly console: string;
  /** What becomes of sessions. */
  readonly kept: string;
  /** What tells commands which spine is meant, such as ` --local DIR`; empty where they find it by themselves. */
  readonly option: string;
  /** Whether what is saved is put in place. @default true */
  readonly isHot?: boolean;
}

const SHOWN_SESSIONS = 5;

/** What somebody needs to begin with: addresses, and commands to paste. */
export function greeting({
  app,
  application,
  kept,
  url,
  console: page,
  option,
  isHot = true,
}: Greeted): string {
  const flow = application.flows.find(({ on }) => on !== undefined);
  return [
    `Event Spine runs ${shown(app)} at ${url}`,
    `  flows:   ${application.flows.map(named).join(", ")}`,
    `  agents:  ${application.agents.map(({ contract }) => contract.spec.name).join(", ")}`,
    `  data:    ${kept}`,
    `  console: ${page}`,
    ...(flow === undefined
      ? []
      : ["", "Paste into another terminal:", "", ...pasted(flow, application, url, option)]),
    "",
    `${isHot ? "Saved files are live at once" : "Start it again to run what you have saved"}. Stop with Ctrl-C.`,
  ].join("\n");
}

/** Where sessions are kept, and how many there are. */
export function heldText(
  data: string,
  { sessions, resumed }: Pick<DevSpine, "sessions" | "resumed">,
): string {
  const held = sessions === 0 ? "no sessions yet" : `${sessions} sessions, ${resumed} of them go on`;
  return `${shown(data)} (${held})`;
}

function pasted(
  { on = "" }: FlowDefinition,
  { events = {} }: RunnableApplication,
  url: string,
  option: string,
): readonly string[] {
  const data = JSON.stringify(exampleData(events[on]));
  const event = JSON.stringify({ type: on, data: exampleData(events[on]) });
  return [
    `  ${SPINE_COMMAND} send demo ${on} --data ${quoted(data)}${option}`,
    `  ${SPINE_COMMAND} show demo${option}`,
    `  curl -sS ${url}/sessions/demo/events -H 'Content-Type: application/json' -H 'Prefer: wait=10' -d ${quoted(event)}`,
  ];
}

const named = ({ name, on }: FlowDefinition): string => (on === undefined ? name : `${name} (on ${on})`);

/** Which runs could not go on with an application, and what to do. */
export function unfitText(unfit: readonly UnfitSession[], end: string): string {
  const problems = new Map<string, string[]>();
  for (const { session, flows } of unfit)
    for (const { flow, agent, problems: found } of flows)
      for (const { field, problem, repair } of found) {
        const text = `  flow ${flow}, agent ${agent}: ${field}: ${problem}. ${repair}`;
        problems.set(text, [...(problems.get(text) ?? []), session]);
      }
  const lines = [...problems].map(([text, sessions]) => `${text}\n    under way: ${list(sessions)}`);
  return ["Sessions under way could not go on:", ...lines, end].join("\n");
}

function list(sessions: readonly string[]): string {
  const rest = sessions.length - SHOWN_SESSIONS;
  return [...sessions.slice(0, SHOWN_SESSIONS), ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
}

export const shown = (file: string): string => relative(process.cwd(), file) || ".";
