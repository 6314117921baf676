import {
  BatchGetItemCommand,
  GetItemCommand,
  UpdateItemCommand,
  type AttributeValue,
  type BatchGetItemCommandOutput,
  type DynamoDBClient,
  type KeysAndAttributes,
} from "@aws-sdk/client-dynamodb";
import {
  BREAKER_RULES,
  CLOSED,
  isAiling,
  breakerStateOf,
  withProbe,
  type Breaker,
  type CallCounts,
  type CallOutcome,
} from "#core/breaker.ts";
import type { BreakerState } from "#core/session/seen.ts";
import type { AgentHealth } from "#ports/agents.ts";
import type { Clock } from "#ports/clock.ts";
import { ItemKind } from "../names.ts";
import {
  breakerChangesPartition,
  HEALTH_SHARDS,
  healthCountPartition,
  OPEN_BREAKERS,
} from "./health-items.ts";

/** How often at most the counts are asked for, while DynamoDB leaves some over. */
const MAX_READS = 3;

export interface DynamoAgentHealthOptions {
  readonly client: DynamoDBClient;
  /** The log's table: no session's partition begins with "#". */
  readonly table: string;
  readonly clock: Pick<Clock, "now">;
  /** Spreads the counts of one agent over this many partitions. @default 4 */
  readonly shards?: number;
  /** This process's shard, 0 to `shards` - 1. @default by chance */
  readonly shard?: number;
  readonly onTrouble?: (error: unknown, what: string) => void;
  /** A breaker opened, again after a probe too, or closed. */
  readonly onChange?: (now: "open" | "closed", agent: string) => void;
}

export interface DynamoAgentHealth extends AgentHealth {
  /** Ends what is being read and writes what was counted. A function waits for it before it answers: afterwards it may be frozen. */
  flush(): Promise<void>;
}

/** States older than this are read again, beside the work that asked: a session does not wait for them. */
const FRESH_MS = 3_000;
/** States older than this are waited for. */
const CACHED_MS = 30_000;
/** Outcomes are counted in memory and written this often while all goes well; a failure is written at once. */
const FLUSH_MS = 5_000;
/** Counts older than two windows are nobody's business; the table's time to live may remove them. */
const KEPT_SECONDS = 3_600;
/** People look for what a breaker did in the last month. */
const CHANGES_KEPT_SECONDS = 30 * 86_400;

/**
 * Fewer good answers of an agent than this are not worth a write: a process keeps them until there are more, or trouble comes. A breaker
 * opens on ten outcomes or more, so that what a few processes keep decides nothing.
 */
export const FEW_OUTCOMES = 5;

type Count = Record<CallOutcome, number>;
const none = (): Count => ({ ok: 0, slow: 0, failed: 0 });

/** What a process counted of an agent, and since when. */
interface Kept {
  readonly since: number;
  readonly count: Count;
}
/** Anything but a good answer may open a breaker. */
const isTrouble = ({ slow, failed }: CallCounts): boolean => slow + failed > 0;

/**
 * Circuit breakers in the log's table. Outcomes are added to sharded counters of a time window; whoever writes a failure
 * sums the shards and opens the breaker when the rules say so. The open ones stand in one item, read every few seconds:
 * what an event costs does not depend on how many agents there are. Trouble here never stops a session.
 */
export function createDynamoAgentHealth(options: DynamoAgentHealthOptions): DynamoAgentHealth {
  const { client, table, clock, shards = HEALTH_SHARDS, onTrouble, onChange } = options;
  const shard = options.shard ?? Math.floor(Math.random() * shards);
  const counts = new Map<string, Kept>();
  const probes = new Map<string, number>();
  let open: ReadonlyMap<string, number> = new Map();
  let readAt = -Infinity;
  let reading: Promise<void> = Promise.resolve();
  let flushedAt = clock.now();
  let urgent = false;

  const isYoung = ({ since }: Kept): boolean => clock.now() - since < BREAKER_RULES.windowMs;

  const read = async (): Promise<void> => {
    try {
      const { Item = {} } = await client.send(new GetItemCommand({ TableName: table, Key: OPEN_BREAKERS }));
      const agents = Object.entries(Item).filter(([name]) => name.startsWith("open:"));
      open = new Map(agents.map(([name, value]) => [name.slice("open:".length), Number(value.N)]));
    } catch (error) {
      onTrouble?.(error, "reading the circuit breakers");
    }
  };

  const refresh = (): Promise<void> => {
    const age = clock.now() - readAt;
    if (age >= FRESH_MS) {
      readAt = clock.now();
      reading = read();
    }
    return age >= CACHED_MS ? reading : Promise.resolve();
  };

  const breakerOf = (agent: string): Breaker => ({
    ...CLOSED,
    openUntil: open.get(agent),
    probeUntil: probes.get(agent) ?? 0,
  });

  /** People are shown when breakers opened and closed: nothing depends on it, and it happens seldom. */
  const noteChange = (agent: string, to: "open" | "closed") =>
    client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: { S: breakerChangesPartition(agent) }, sk: { N: String(clock.now()) } },
        UpdateExpression: "SET #to = :to, #kind = :kind, #expires = :expires",
        ExpressionAttributeNames: { "#to": "to", "#kind": "kind", "#expires": "expires" },
        ExpressionAttributeValues: {
          ":to": { S: to },
          ":kind": { S: ItemKind.health },
          ":expires": { N: String(Math.floor(clock.now() / 1_000) + CHANGES_KEPT_SECONDS) },
        },
      }),
    );

  const setOpen = async (agent: string, until: number | undefined): Promise<void> => {
    const wasOpen = open.has(agent);
    const next = new Map(open);
    if (until === undefined) next.delete(agent);
    else next.set(agent, until);
    open = next;
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: OPEN_BREAKERS,
        UpdateExpression: until === undefined ? "REMOVE #agent" : "SET #agent = :until",
        ExpressionAttributeNames: { "#agent": `open:${agent}` },
        ...(until !== undefined && { ExpressionAttributeValues: { ":until": { N: String(until) } } }),
      }),
    );
    const now = until === undefined ? "closed" : "open";
    onChange?.(now, agent);
    if (wasOpen !== (now === "open")) await noteChange(agent, now);
  };

  const countKey = (agent: string, window: number, of: number) => ({
    pk: { S: healthCountPartition(agent, of) },
    sk: { N: String(window) },
  });
  const windowNow = (): number => Math.floor(clock.now() / BREAKER_RULES.windowMs);

  /** What was counted of an agent in this window and the one before, over all shards. */
  const total = async (agent: string): Promise<Count> => {
    const windows = [windowNow() - 1, windowNow()];
    const keys = windows.flatMap((window) =>
      Array.from({ length: shards }, (_, of) => countKey(agent, window, of)),
    );
    const items: Record<string, AttributeValue>[] = [];
    let left: KeysAndAttributes | undefined = { Keys: keys, ConsistentRead: true };
    // What DynamoDB leaves over, being throttled, is asked for again; a count that is still short is mended by the next one.
    for (let tries = 0; left !== undefined && tries < MAX_READS; tries += 1) {
      const { Responses, UnprocessedKeys }: BatchGetItemCommandOutput = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: left } }),
      );
      items.push(...(Responses?.[table] ?? []));
      left = UnprocessedKeys?.[table];
    }
    return { ok: sum(items, "ok"), slow: sum(items, "slow"), failed: sum(items, "failed") };
  };

  const write = async (agent: string, count: Count): Promise<void> => {
    const window = windowNow();
    const expires = Math.floor(clock.now() / 1_000) + KEPT_SECONDS;
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: countKey(agent, window, shard),
        UpdateExpression: "ADD #ok :ok, #slow :slow, #failed :failed SET #kind = :kind, #expires = :expires",
        ExpressionAttributeNames: {
          "#ok": "ok",
          "#slow": "slow",
          "#failed": "failed",
          "#kind": "kind",
          "#expires": "expires",
        },
        ExpressionAttributeValues: {
          ":ok": { N: String(count.ok) },
          ":slow": { N: String(count.slow) },
          ":failed": { N: String(count.failed) },
          ":kind": { S: ItemKind.health },
          ":expires": { N: String(expires) },
        },
      }),
    );
  };

  /** Sets the breaker of an agent after its counts were written. */
  const setBreaker = async (agent: string, count: Count): Promise<void> => {
    const until = open.get(agent);
    const now = clock.now();
    if (until !== undefined) {
      // Open: what arrives now comes from earlier calls. Past that: it is the probe's outcome.
      if (now < until) return;
      await setOpen(agent, isTrouble(count) ? now + BREAKER_RULES.openMs : undefined);
    } else if (isTrouble(count) && isAiling(await total(agent))) {
      await setOpen(agent, now + BREAKER_RULES.openMs);
    }
  };

  return {
    async breakerStates(beginning = "") {
      await refresh();
      const breakerStates: Record<string, BreakerState> = {};
      const now = clock.now();
      for (const agent of open.keys()) {
        if (!agent.startsWith(beginning)) continue;
        const breaker = breakerOf(agent);
        const state = breakerStateOf(breaker, now);
        if (state === undefined) continue;
        breakerStates[agent] = state;
        if (state === "probe") probes.set(agent, withProbe(breaker, now).probeUntil);
      }
      return breakerStates;
    },

    report(agent, outcome) {
      const known = counts.get(agent);
      const kept = known !== undefined && isYoung(known) ? known : { since: clock.now(), count: none() };
      kept.count[outcome === "timed-out" ? "failed" : outcome] += 1;
      counts.set(agent, kept);
      // A failure may open a breaker, a success may close one: neither waits.
      if (outcome !== "ok" || open.has(agent)) urgent = true;
    },

    async flush() {
      await reading;
      if (counts.size === 0 || (!urgent && clock.now() - flushedAt < FLUSH_MS)) return;
      const taken = [...counts].filter(
        ([, kept]) => isYoung(kept) && (urgent || kept.count.ok >= FEW_OUTCOMES),
      );
      if (taken.length === 0) return;
      flushedAt = clock.now();
      urgent = false;
      for (const [agent] of taken) counts.delete(agent);
      for (const [agent, { count }] of taken) {
        try {
          await write(agent, count);
          await setBreaker(agent, count);
        } catch (error) {
          onTrouble?.(error, `counting outcomes of ${agent}`);
        }
      }
    },
  };
}

const sum = (items: readonly Record<string, AttributeValue>[], name: string): number =>
  items.reduce((total, item) => total + Number(item[name]?.N ?? 0), 0);
