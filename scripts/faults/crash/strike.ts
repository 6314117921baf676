import { isDeepStrictEqual } from "node:util";
import { checkLog } from "#local/check-log/check-log.ts";
import type { Fault, Failpoint } from "#local/faults/injector.ts";
import type { FaultySpine } from "../faulty-spine.ts";
import { converse, type Conversation } from "./conversation.ts";
import { outcomeOf, type Outcome, type Way } from "./outcome.ts";

/** One request that is to go wrong in one way. */
export interface Strike {
  readonly failpoint: Failpoint;
  readonly fault: Fault;
}

export interface StrikeResult extends Strike {
  /** False where the session took another way and never came to the failpoint. */
  readonly struck: boolean;
  /** A claim was left without an outcome, so that the calendar was asked. */
  readonly inDoubt: boolean;
  /** What is not as it must be; empty when all is. */
  readonly problems: readonly string[];
}

/** A function reads its secret when it starts: to come to this failpoint its processes are ended first. */
export const isStart = ({ operation }: Failpoint): boolean => operation === "GetSecretValue";

/** Has the conversation anew while one request goes wrong, and holds its end against that of the calm one. */
export async function strike(
  spine: FaultySpine,
  session: string,
  { failpoint, fault }: Strike,
  calm: Outcome,
): Promise<StrikeResult> {
  if (isStart(failpoint)) spine.cloud.kill(failpoint.functionName);
  spine.injector.arm(failpoint, fault);
  /** From here on nothing goes wrong any more: looking at the end is no part of the conversation. */
  const disarm = (): boolean => {
    const struck = spine.injector.struck() !== undefined;
    spine.injector.rest();
    return struck;
  };
  try {
    const conversation = await converse(spine, session);
    const struck = disarm();
    const { outcome, way } = await outcomeOf(spine, session);
    const problems = [
      ...endProblems(outcome, way, calm),
      ...(await logProblems(spine, session, conversation)),
      ...(isDeepStrictEqual(conversation.reply?.body, outcome.replies[0])
        ? []
        : ["the producer received a reply that differs from the log's"]),
    ];
    return { failpoint, fault, struck, inDoubt: way.inDoubt, problems };
  } catch (error) {
    return { failpoint, fault, struck: disarm(), inDoubt: false, problems: [String(error)] };
  }
}

function endProblems(outcome: Outcome, way: Way, calm: Outcome): readonly string[] {
  const different = (["context", "replies", "tasks"] as const).filter(
    (part) => !isDeepStrictEqual(outcome[part], calm[part]),
  );
  const claims = way.events.filter(({ type }) => type === "EffectClaimed").length;
  const undone = way.events.filter(
    (event) => event.type === "AttemptFailed" && event.data.effect === "not-done",
  ).length;
  return [
    ...different.map(
      (part) => `${part} ended differently, after ${troublesIn(way).join(", ") || "no trouble"}`,
    ),
    ...(way.effects === 1 ? [] : [`the calendar was changed ${way.effects} times`]),
    // An agent that knows that nothing happened is run again, and claims again.
    ...(claims === undone + 1
      ? []
      : [`the effect was claimed ${claims} times, and ${undone} times not done`]),
  ];
}

async function logProblems(
  spine: FaultySpine,
  session: string,
  { sent }: Conversation,
): Promise<readonly string[]> {
  const { stored, commits, flows } = await spine.readLog(session);
  const { findings } = checkLog({ sessions: [stored], sent: [...sent], flows: [...flows] });
  const published = spine.published(session);
  return [
    ...findings.map(({ type, text }) => `${type}: ${text}`),
    ...commits
      .filter(({ first }) => !published.has(first))
      .map(({ first }) => `the commit at ${first} was not published`),
  ];
}

const TROUBLES: readonly string[] = [
  "AgentUnavailable",
  "AttemptFailed",
  "AttemptFenced",
  "AttemptTimedOut",
  "FallbackTaken",
  "TaskFailed",
];

/** What the log says went wrong on the way. */
function troublesIn({ events }: Way): readonly string[] {
  return events
    .filter(({ type }) => TROUBLES.includes(type))
    .map(({ type, data }) => `${type} ${JSON.stringify(data)}`);
}
