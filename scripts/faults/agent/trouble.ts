import { isDeepStrictEqual } from "node:util";
import { compileApplication } from "#core/flow/application.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { checkLog } from "#local/check-log/check-log.ts";
import { applicationDefinition, INSTEAD, RISKY_ASKED } from "../app/application.ts";
import { Badness } from "../app/contracts.ts";
import type { FaultySpine } from "../faulty-spine.ts";
import { percentile } from "../../statistics.ts";
import { runTrial, type TrialOptions, type TrialSession } from "./trial.ts";

export interface TroubleReport {
  readonly kinds: readonly Badness[];
  readonly sessions: number;
  /** Of the sessions that do not use the bad agent, without and with trouble. */
  readonly calm: Latency;
  readonly troubled: Latency;
  /** p95 with trouble by p95 without. */
  readonly ratio: number;
  /** Of the sessions that use it: the longest way to the reply, what policy allows, and how many ended in the fallback. */
  readonly longestMs: number;
  readonly allowedMs: number;
  readonly fallbacks: number;
  readonly problems: readonly string[];
}

export interface Latency {
  readonly p50: number;
  readonly p95: number;
}

const POLICY = compileApplication(applicationDefinition, createNodeDigest()).byTrigger(RISKY_ASKED)[0]?.flow;

/** Runs the same sessions twice, with an agent that behaves and with one that does not, and compares the others. */
export async function compareWithTrouble(
  spine: FaultySpine,
  options: TrialOptions,
  calm: readonly TrialSession[],
): Promise<TroubleReport> {
  const troubled = await runTrial(spine, options);
  const daring = troubled.filter(({ badness }) => badness !== undefined);
  const longestMs = Math.max(...daring.map(({ tookMs }) => tookMs));
  const allowedMs = POLICY?.lifeMs ?? 0;
  const before = latencyOf(calm);
  const after = latencyOf(troubled);
  return {
    kinds: options.kinds,
    sessions: options.sessions,
    calm: before,
    troubled: after,
    ratio: Math.round((100 * after.p95) / before.p95) / 100,
    longestMs,
    allowedMs,
    fallbacks: daring.filter(isInstead).length,
    problems: [
      ...troubled.flatMap((one, index) => (one.badness !== undefined ? [] : differences(one, calm[index]))),
      ...daring.flatMap((one) => endProblems(one, allowedMs)),
      ...checkLog({
        sessions: troubled.map(({ stored }) => stored),
        sent: troubled.map(({ sent }) => sent),
        flows: [...new Set(troubled.flatMap(({ flows }) => flows))],
      }).findings.map(({ session, type, text }) => `${session}: ${type}: ${text}`),
    ],
  };
}

const isInstead = ({ reply }: TrialSession): boolean => isDeepStrictEqual(reply, INSTEAD);

/** What other agents send has no place in a session's log, not even as letters that nobody could read. */
const STRANGE: readonly string[] = ["DeadLetterRecorded", "InputQuarantined"];

/** A session that does not use the bad agent ends as it would without it. */
function differences(one: TrialSession, other: TrialSession | undefined): readonly string[] {
  return [
    ...(isDeepStrictEqual(one.reply, other?.reply) ? [] : [`${one.session} got a different reply`]),
    ...one.types
      .filter((type) => STRANGE.includes(type))
      .map((type) => `${one.session} has the event ${type}`),
  ];
}

function endProblems(one: TrialSession, allowedMs: number): readonly string[] {
  const text = JSON.stringify(one.reply ?? null);
  const ended =
    isInstead(one) || (one.badness === Badness.flood && /^\{"text":"(?:flooded|risked) /.test(text));
  return [
    ...(ended ? [] : [`${one.session} got the reply ${text}`]),
    ...(one.tookMs <= allowedMs ? [] : [`${one.session} took ${one.tookMs} ms; ${allowedMs} are allowed`]),
  ];
}

function latencyOf(sessions: readonly TrialSession[]): Latency {
  const waited = sessions.flatMap(({ waitedMs }) => waitedMs ?? []);
  return { p50: Math.round(percentile(waited, 0.5)), p95: Math.round(percentile(waited, 0.95)) };
}
