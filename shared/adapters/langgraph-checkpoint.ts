import { Buffer } from "node:buffer";
import { isJsonObject, type Json } from "#core/json.ts";

/** The one thread of a task's saver. */
export const THREAD = "task";

type Stored = [Uint8Array, Uint8Array, string | undefined];
type Write = [string, string, Uint8Array, string?];

/** LangGraph's `MemorySaver`, by what it holds: checkpoints by thread, namespace and id, and writes by the key of their checkpoint. */
export interface MemorySaverLike {
  storage: Record<string, Record<string, Record<string, Stored>>>;
  writes: Record<string, Record<string, Write>>;
}

/** What a saver holds as JSON: of each namespace its newest checkpoint, from which the graph goes on, and what was written since. */
export function savedIn({ storage, writes }: MemorySaverLike): Json {
  return Object.entries(storage[THREAD] ?? {}).flatMap(([namespace, checkpoints]) => {
    // Ids grow with time.
    const id = Object.keys(checkpoints).toSorted().at(-1);
    const stored = id === undefined ? undefined : checkpoints[id];
    if (id === undefined || stored === undefined) return [];
    const [checkpoint, metadata] = stored;
    const since = Object.entries(writes[writesKey(namespace, id)] ?? {}).map(
      ([key, [task, channel, value, path]]) => [key, task, channel, encoded(value), path ?? null],
    );
    return [{ namespace, id, checkpoint: encoded(checkpoint), metadata: encoded(metadata), since }];
  });
}

/** Puts back what `savedIn` gave. */
export function openSaver(saver: MemorySaverLike, saved: Json): void {
  if (!Array.isArray(saved)) return;
  for (const one of saved as readonly Json[]) {
    if (!isJsonObject(one)) continue;
    // Written by `savedIn`.
    const { namespace, id, checkpoint, metadata, since } = one as unknown as Saved;
    const thread = (saver.storage[THREAD] ??= {});
    (thread[namespace] ??= {})[id] = [decoded(checkpoint), decoded(metadata), undefined];
    saver.writes[writesKey(namespace, id)] = Object.fromEntries(
      since.map(([key, task, channel, value, path]) => [
        key,
        path === null ? [task, channel, decoded(value)] : [task, channel, decoded(value), path],
      ]),
    );
  }
}

interface Saved {
  readonly namespace: string;
  readonly id: string;
  readonly checkpoint: string;
  readonly metadata: string;
  readonly since: readonly (readonly [string, string, string, string, string | null])[];
}

/** As `MemorySaver` names them. */
const writesKey = (namespace: string, id: string): string => JSON.stringify([THREAD, namespace, id]);

const encoded = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
const decoded = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));
