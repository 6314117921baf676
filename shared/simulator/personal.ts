import { EVERY_TENANT } from "#core/by-tenant.ts";
import { originsOf } from "#core/condition-origins.ts";
import { sessionKeyText, type SessionKey } from "#core/ids.ts";
import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import { isIdentified, type Input } from "#core/session/input.ts";
import { openValues } from "#core/session/personal/commit-values.ts";
import type { MessageContent } from "#memory/queue/message.ts";
import type { Blobs, LetterBox } from "#ports/blobs.ts";
import type { Clock } from "#ports/clock.ts";
import { MAX_CACHED_MS, type Cipher, type Digest, type SessionKeys } from "#ports/secrets.ts";
import type { SessionLog, StoredCommit } from "#ports/session-log.ts";
import { Mark, readMarkKey } from "#runtime/letters/letter-name.ts";
import { sealedBlobs, sealedLog } from "#runtime/sealing/sealed-stores.ts";
import { createSealing, type Sealing } from "#runtime/sealing/sealing.ts";
import { troubleOf } from "#runtime/session/trouble.ts";
import type { Duty, Source } from "#testing/in-process/in-process-queues.ts";
import { needlesIn, sessionOfNeedle } from "./needles.ts";
import { createSimCipher, openedText } from "./sim-cipher.ts";
import type { Words } from "./new-words.ts";
import type { OfTable, Resources, WorkerView } from "./ports.ts";
import type { CachedKeys } from "./processes.ts";
import { OFFERS, type Worker } from "./worker.ts";

/** A personal value that stands in plain where nobody may read it. */
export interface Leak {
  readonly session: string;
  readonly where: string;
  readonly what: string;
}

/** Flows have the same expressions in every seed. */
const origins = new Map<string, ReturnType<typeof originsOf>>();
function knownOrigins(expression: string): ReturnType<typeof originsOf> {
  const found = origins.get(expression) ?? originsOf(expression);
  origins.set(expression, found);
  return found;
}

/** A tenant's personal values: sealed for all that workers store, and looked for in everything that is stored, sent or said. */
export class Personal {
  readonly leaks: Leak[] = [];
  readonly #paths: readonly string[];
  readonly #digest: Digest;
  readonly #keys = new Set<string>();
  /** Plain hashes of bodies: whoever guesses a body would know it by its hash. */
  readonly #hashes = new Set<string>();

  constructor(paths: readonly string[], digest: Digest) {
    this.#paths = paths;
    this.#digest = digest;
  }

  look(where: string, text: string): void {
    for (const needle of needlesIn(text))
      this.leaks.push({ session: sessionOfNeedle(needle), where, what: needle });
  }

  /** Looks at what the table holds of a session. */
  lookAtStored(where: string, { session }: SessionKey, text: string): void {
    this.look(where, text);
    for (const hash of this.#hashes)
      if (text.includes(hash)) this.leaks.push({ session, where, what: `the plain hash ${hash} of a body` });
  }

  /** The view of a worker that may seal and open; `cached` are the keys of its process. @default it asks each time */
  guard(view: WorkerView, worker: Worker, cached?: CachedKeys): WorkerView & { readonly sealing: Sealing } {
    const { engine } = view;
    const asked = this.#keysOf(worker);
    const sealing = this.#sealing(cached === undefined ? asked : caching(asked, cached, worker.clock));
    return {
      ...view,
      sealing,
      engine: {
        ...engine,
        personal: sealing,
        log: sealedLog(engine.log, sealing, engine.digest),
        blobs: sealedBlobs(engine.blobs, sealing),
        onTrouble: (error, what) => this.look("a log line", JSON.stringify(troubleOf(error, what))),
      },
    };
  }

  /** The same blobs for whoever reads them afterwards. */
  openedBlobs(blobs: Blobs): Blobs {
    return sealedBlobs(blobs, this.#sealing(this.#keysOf()));
  }

  /** Resources whose users are looked at. */
  watch(real: Omit<Resources, OfTable>): Omit<Resources, OfTable> {
    const { blobs, publish, subscriptions } = real;
    return {
      ...real,
      blobs: {
        ...blobs,
        put: (key, text) => {
          // Agents read views by their links, and nobody else does.
          this.look("a blob", key.startsWith("views/") ? key : `${key} ${text}`);
          return blobs.put(key, text);
        },
      },
      publish: {
        publish: (advances) => {
          this.look("a publication", JSON.stringify(advances));
          return publish.publish(advances);
        },
      },
      subscriptions: {
        ...subscriptions,
        deliver: (name, advance) => {
          this.look("an ordered subscription", JSON.stringify(advance));
          return subscriptions.deliver(name, advance);
        },
      },
    };
  }

  watchLog<Log extends SessionLog>(log: Log): Log {
    return {
      ...log,
      writeMarkers: (key, markers) => {
        // Who sent it by which id is a name, and names are not sealed.
        this.lookAtStored("a marker", key, JSON.stringify(markers));
        return log.writeMarkers(key, markers);
      },
    };
  }

  watchBox(box: LetterBox): LetterBox {
    return {
      ...box,
      put: (name, text) => {
        this.look("a letter", isNobodys(name) ? name : `${name} ${text}`);
        return box.put(name, text);
      },
    };
  }

  /** Looks at all that queues hold besides what a message is there to carry. */
  watchQueues(sources: readonly Source[]): void {
    for (const { duty, queue } of sources)
      queue.watch((change, message) => {
        if (change === "came") this.#lookAtMessage(duty, message);
      });
  }

  #lookAtMessage(duty: Duty, { body, groupId, deduplicationId, attributes }: MessageContent): void {
    const where = `a message of ${duty.type === "dead-letters" ? `${duty.of}'s letters` : duty.type}`;
    this.look(where, JSON.stringify([groupId, deduplicationId, attributes, withoutCargo(body)]));
    for (const hash of hashesIn(body)) this.#hashes.add(hash);
  }

  #sealing(keys: SessionKeys): Sealing {
    return createSealing({ keys, paths: { [EVERY_TENANT]: this.#paths }, originsOf: knownOrigins });
  }

  /** Keys are asked for over the network, as all else is, by whoever does not only look. */
  #keysOf(worker?: Worker): SessionKeys {
    const ask = <T>(what: string, perform: () => T): Promise<T> =>
      worker === undefined
        ? Promise.resolve(perform())
        : worker.call(what, OFFERS.write, () => Promise.resolve(perform()));
    return {
      forSealing: (key) =>
        ask("keys.forSealing", () => {
          this.#keys.add(sessionKeyText(key));
          return createSimCipher(key, this.#digest);
        }),
      forOpening: (key) =>
        ask("keys.forOpening", () =>
          this.#keys.has(sessionKeyText(key)) ? createSimCipher(key, this.#digest) : undefined,
        ),
      cached: () => undefined,
      erase: () => Promise.reject(new Error("Nobody erases here.")),
      remove: (key) => ask("keys.remove", () => void this.#keys.delete(sessionKeyText(key))),
    };
  }

  remove(worker: Worker, key: SessionKey): Promise<void> {
    return this.#keysOf(worker).remove(key);
  }

  /** Sessions whose keys are there. */
  get keptKeys(): readonly string[] {
    return [...this.#keys].map((text) => text.slice(text.indexOf("/") + 1));
  }
}

/** Keys that a process asks for once in a while, as the deployed functions do. */
function caching(keys: SessionKeys, cached: CachedKeys, clock: Pick<Clock, "now">): SessionKeys {
  const known = (key: SessionKey): Cipher | undefined => {
    const found = cached.get(sessionKeyText(key));
    return found !== undefined && clock.now() < found.until ? found.cipher : undefined;
  };
  const keep = <Found extends Cipher | "erased" | undefined>(key: SessionKey, cipher: Found): Found => {
    if (cipher !== undefined && cipher !== "erased")
      cached.set(sessionKeyText(key), { cipher, until: clock.now() + MAX_CACHED_MS });
    return cipher;
  };
  return {
    ...keys,
    cached: known,
    forSealing: async (key) => known(key) ?? keep(key, await keys.forSealing(key)),
    forOpening: async (key) => known(key) ?? keep(key, await keys.forOpening(key)),
  };
}

/** What came over the bus and names no session is kept as it came. */
function isNobodys(name: string): boolean {
  if (!name.startsWith("letters/")) return false;
  const { name: letter, mark } = readMarkKey(name);
  return mark === Mark.body && letter.key === undefined;
}

/** Fields by which messages carry values to whom they are for: what a producer or a person sent, views, and results. */
const CARGO: ReadonlySet<string> = new Set([
  "data",
  "session",
  "value",
  "facts",
  "detail",
  "envelope",
  "view",
  "outcome",
]);

function withoutCargo(body: string): Json {
  const drop = (message: Json): Json =>
    isJsonObject(message)
      ? Object.fromEntries(
          Object.entries(message).flatMap(([key, value]) =>
            CARGO.has(key) && !(key === "session" && typeof value === "string") ? [] : [[key, value]],
          ),
        )
      : message;
  // The spine wrote it; an agent may have sent anything to the answers queue.
  const message = drop(JSON.parse(body) as Json);
  return isJsonObject(message) && isJsonObject(message["input"])
    ? { ...message, input: drop(message["input"]) }
    : message;
}

function hashesIn(body: string): readonly string[] {
  const { input } = JSON.parse(body) as JsonObject & { readonly input?: Input };
  return input !== undefined && isIdentified(input) ? [input.hash] : [];
}

/** How checks read a log of sealed values: opened, each text with the hash of what is stored. */
export class OpenedWords implements Words {
  readonly digest: Digest;
  readonly write: Words["write"];
  readonly #inner: Words;
  readonly #stored = new Map<string, string>();
  readonly #read = new WeakMap<StoredCommit, StoredCommit>();

  constructor(inner: Words) {
    this.#inner = inner;
    this.write = (commit) => inner.write(commit);
    this.digest = {
      ...inner.digest,
      sha256: (text) => inner.digest.sha256(this.#stored.get(text) ?? text),
    };
  }

  read(stored: StoredCommit): StoredCommit {
    const known = this.#read.get(stored);
    if (known !== undefined) return known;
    const inner = this.#inner.read(stored);
    const open = (sealed: string, place: readonly string[]): Json | undefined => {
      const text = openedText(sealed, JSON.stringify(place));
      return text === undefined ? undefined : (JSON.parse(text) as Json);
    };
    const text = JSON.stringify(openValues(JSON.parse(inner.text) as Json, open));
    const read = Object.freeze({ ...inner, text });
    this.#stored.set(text, inner.text);
    this.#read.set(stored, read);
    return read;
  }
}
