import type { LoggedEvent } from "#client/client.ts";
import { DEFAULT_MEMORY_MB } from "../../infra/settings/memory.ts";
import { billOf, totalOf, type BillLine } from "../price/bill.ts";
import { PRICES } from "../price/prices.ts";
import { requestsByAttempt, type SessionRequests } from "./attempt-requests.ts";
import { commitsOf, type LoggedCommit } from "./logged-commits.ts";
import { useOfCommits } from "./session-use.ts";
import { agentTimesOf, looksIn, waitsOf } from "./waits.ts";

/** What one session cost, in US dollars. */
export interface SessionCost {
  readonly session: string;
  readonly events: number;
  readonly commits: number;
  /** To AWS, each made once. */
  readonly requests: SessionRequests;
  readonly usd: number;
  /** With all that may have come on top, as far as the log bounds it. */
  readonly usdAtMost: number;
  readonly lines: readonly BillLine[];
  readonly onTop: readonly BillLine[];
  readonly assumed: readonly string[];
  readonly unknown: readonly string[];
}

const PER_MILLION = 1e6;
const MS_A_SECOND = 1_000;
const MB_A_GB = 1_024;
/** A permit is taken and given back. */
const PERMIT_UNITS = 2;

const ASSUMED = [
  "list prices of us-east-1 on demand, without free tiers; functions of the default memory",
  "durations of the spine's functions are modelled: no log knows them",
  "commits: their items' sizes, compressed, are computed anew from the events, to about a tenth",
  "every request succeeds at its first try; the relay looks 300 ms after each commit, and sends again what no agent has claimed or answered by then",
  "one process of the door keeps the session between its answers for 5 minutes; each answer that meets another reads the log once",
  "inputs from an ARN came over HTTP, all others by spine-in; every deadline that was armed fires",
  "a key of the spine's own encrypts nothing, and one rule at least takes publications",
] as const;

const SEALED = "personal values are sealed: what they take beyond their texts is not in the sizes of commits";

const UNKNOWN = [
  "retries that never committed: lost races, throttled and repeated requests, refused and duplicate inputs",
  "how long functions really ran, and what agents did: their models, their tables, their own requests",
  "ordered subscriptions, reads of the log by others, and what takes publications",
  "idle polling of queues, alarms and storage, which no session causes alone",
] as const;

/** What a session cost by its log, from the first event on. */
export function costOf(session: string, logged: readonly LoggedEvent[], sealed = false): SessionCost {
  const commits = commitsOf(logged);
  const use = useOfCommits(commits, sealed);
  const perMillion = billOf(use);
  const lines = perMillion.map(ofOne);
  const onTop = onTopOf(commits).map(ofOne);
  const usd = totalOf(lines);
  return {
    session,
    events: logged.length,
    commits: commits.length,
    requests: requestsByAttempt(use.counts),
    usd,
    usdAtMost: usd + totalOf(onTop),
    lines,
    onTop,
    assumed: sealed ? [...ASSUMED, SEALED] : ASSUMED,
    unknown: UNKNOWN,
  };
}

const ofOne = (line: BillLine): BillLine => ({ ...line, usd: line.usd / PER_MILLION });
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What the log bounds without knowing it. */
function onTopOf(commits: readonly LoggedCommit[]): readonly BillLine[] {
  const waits = waitsOf(commits);
  const looks = sum(waits.map(looksIn));
  const gbSeconds = (ms: number) => (ms / MS_A_SECOND) * (DEFAULT_MEMORY_MB / MB_A_GB);
  const lambda = (ms: number) => gbSeconds(ms) * PRICES.lambdaGbSecond * PER_MILLION;
  const agentsMs = sum(agentTimesOf(commits));
  return [
    {
      item: "if the callers waited for their replies",
      arithmetic: `at most ${looks} reads, ${PERMIT_UNITS * waits.length} write units and ${sum(waits)} ms of ingress`,
      usd:
        looks * PRICES.dynamoReadUnit +
        PERMIT_UNITS * waits.length * PRICES.dynamoWriteUnit +
        lambda(sum(waits)),
    },
    {
      item: "agents' functions, from dispatch to answer",
      arithmetic: `at most ${agentsMs} ms of ${DEFAULT_MEMORY_MB} MB × $${PRICES.lambdaGbSecond} per GB-s`,
      usd: lambda(agentsMs),
    },
  ];
}
