import { commitItem } from "#aws/dynamo/log-items.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import type { LoggedEvent } from "#client/client.ts";
import type { SessionKey } from "#core/ids.ts";
import { utf8Length } from "#core/json.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import { foldCommit } from "#core/session/evolve.ts";
import {
  COMMITS_WORTH_A_SNAPSHOT,
  DEFAULT_LIMITS,
  MAX_COMMIT_BYTES,
  MAX_COMMITS_BETWEEN_SNAPSHOTS,
  MAX_INLINE_SNAPSHOT_BYTES,
} from "#core/session/limits.ts";
import { initialState, type SessionState } from "#core/session/state.ts";
import { itemBytes } from "../price/units.ts";
import { kindOfInput, type InputKind } from "./input-kinds.ts";

/** One input of a commit, as its first event tells it. */
export interface LoggedInput {
  readonly kind: InputKind;
  readonly first: LoggedEvent;
}

/** A commit as a session's events tell it. */
export interface LoggedCommit {
  readonly at: number;
  readonly inputs: readonly LoggedInput[];
  readonly events: readonly RecordedEvent[];
  /** Of its item, about: compressed, with its snapshot. */
  readonly storedBytes: number;
  /** Of its publication. */
  readonly publishedBytes: number;
  /** Readers go back to it and no further. */
  readonly snapshot: boolean;
  /** Texts of it that no item can hold. */
  readonly blobs: number;
}

const digest = createNodeDigest();

/** What nobody can compress, of the length that such a thing has in a commit: a hash, and the seed of its ids. */
const hashLike = (text: string): string => digest.sha256(text);
const ID_LENGTH = 26;

/**
 * The commits of a log that is given from its first event on. All events of a commit have its time, and those of one input are in one
 * commit: where both change, the next commit begins. What a commit holds beside its events is written anew, with stand-ins of the same length for
 * what is not shown; views are left out, since most of what is in them stands in the commit already.
 */
export function commitsOf(logged: readonly LoggedEvent[]): readonly LoggedCommit[] {
  const [head] = logged;
  if (head === undefined) return [];
  const { key } = head;
  let state = initialState(key.tenant, key.session);
  let tail = { commits: 0, bytes: 0 };
  return parted(logged).map((own) => {
    const events = own.map(({ event }) => event);
    const { at } = own[0] ?? head;
    const inputs = inputsIn(own);
    const text = textOf(key, own, inputs);
    const evicted = (ids: number) => Math.max(0, ids - DEFAULT_LIMITS.idWindow);
    const decided = foldCommit(state, { events, seen: { now: at, id: "" }, evicted: 0 });
    state = { ...decided, ids: decided.ids.slice(evicted(decided.ids.length)) };
    const snapshot = snapshotText(state, tail, text);
    tail =
      snapshot === undefined
        ? { commits: tail.commits + 1, bytes: tail.bytes + text.length }
        : { commits: 0, bytes: 0 };
    return { at, inputs, events, ...stored(key, text, snapshot), publishedBytes: utf8Length(text) };
  });
}

/** Where time and input change, a commit ends. */
function parted(logged: readonly LoggedEvent[]): readonly (readonly LoggedEvent[])[] {
  const commits: LoggedEvent[][] = [];
  for (const one of logged) {
    const last = commits.at(-1)?.at(-1);
    if (last === undefined || (last.at !== one.at && last.cause !== one.cause)) commits.push([one]);
    else commits.at(-1)?.push(one);
  }
  return commits;
}

const inputsIn = (own: readonly LoggedEvent[]): readonly LoggedInput[] =>
  own.flatMap((first, at) =>
    at > 0 && own[at - 1]?.cause === first.cause ? [] : [{ kind: kindOfInput(first.event), first }],
  );

function textOf(key: SessionKey, own: readonly LoggedEvent[], inputs: readonly LoggedInput[]): string {
  const events = own.map(({ event }) => event);
  const [first, last] = [events[0]?.sequence ?? 0, events.at(-1)?.sequence ?? 0];
  const seed = hashLike(JSON.stringify(events));
  return JSON.stringify({
    schemaVersion: 2,
    ...key,
    first,
    last,
    previous: hashLike(seed),
    inputs: inputs.map(({ kind, first: { event, envelope } }) => ({
      kind,
      source: envelope["source"],
      id: "task" in event.data ? event.data.task : "",
      first: event.sequence,
      correlation: envelope["correlationid"],
      traceparent: envelope["traceparent"],
    })),
    events,
    directives: events.flatMap(({ type, data }) =>
      type === "AttemptDispatched" ? [{ type: "dispatch", order: data }] : [],
    ),
    seen: { form: 2, now: own[0]?.at, id: seed.slice(0, ID_LENGTH) },
    evicted: 0,
  });
}

/** The state, where `withSnapshot` of the runtime adds it. */
function snapshotText(
  state: SessionState,
  tail: { readonly commits: number; readonly bytes: number },
  text: string,
): string | undefined {
  const overdue = tail.commits + 1 >= MAX_COMMITS_BETWEEN_SNAPSHOTS;
  if (!overdue && tail.commits < COMMITS_WORTH_A_SNAPSHOT) return undefined;
  const snapshot = JSON.stringify(state);
  return overdue || tail.bytes + text.length >= snapshot.length ? snapshot : undefined;
}

function stored(
  key: SessionKey,
  text: string,
  snapshot: string | undefined,
): Pick<LoggedCommit, "storedBytes" | "snapshot" | "blobs"> {
  const isInline =
    snapshot !== undefined &&
    utf8Length(snapshot) <= MAX_INLINE_SNAPSHOT_BYTES &&
    utf8Length(text) + utf8Length(snapshot) <= MAX_COMMIT_BYTES;
  const whole = isInline ? `${text.slice(0, -1)},"snapshot":${snapshot}}` : text;
  const isApart = utf8Length(whole) > MAX_COMMIT_BYTES;
  const item = commitItem(key, {
    first: 1,
    last: 1,
    text: isApart ? "" : whole,
    snapshot: snapshot !== undefined,
  });
  return {
    storedBytes: itemBytes(item),
    snapshot: snapshot !== undefined,
    blobs: (snapshot !== undefined && !isInline ? 1 : 0) + (isApart ? 1 : 0),
  };
}
