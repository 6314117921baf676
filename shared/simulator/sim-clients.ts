import { isSpineError } from "#core/errors.ts";
import type { RunId } from "#core/ids.ts";
import type { Json, JsonObject } from "#core/json.ts";
import type { Accepted, Ingress } from "#runtime/doors/create-ingress.ts";
import type { ForkSession } from "#runtime/session/fork-session.ts";
import type { Caller } from "#runtime/doors/read-event.ts";
import { between, chance } from "#memory/seeded-chance.ts";
import { keyOf, tenantOf } from "./sim-names.ts";
import type { CallerSaw, SessionRecord } from "./observations.ts";
import type { PlannedInput } from "./scenario.ts";
import { Worker, type Ground } from "./worker.ts";

/** The spine as callers reach it. */
export interface FrontDoor {
  ingress(worker: Worker): Ingress;
  forks(worker: Worker): Pick<ForkSession, "fork">;
  /** What is seen of a session. */
  record(session: string): SessionRecord;
  /** Delivers an event of spine-in, as its rule does. */
  bus(body: string): void;
  /** A request was refused. */
  refused(error: unknown): void;
}

const INGRESS_TIMEOUT_MS = 10_000;
const CALL_MS = 20;
/** From EventBridge's taking an event to its rule's delivery. */
const LEAST_ON_BUS_MS = 20;
const MOST_ON_BUS_MS = 400;

/** Something a caller wants, as often as it tries. */
interface Wish {
  readonly name: string;
  readonly record: SessionRecord;
  readonly source: string;
  readonly id: string;
  readonly body: Json;
  readonly retries: number;
  /** It begins a session, and is no input of one. */
  readonly isFork?: true;
  readonly ask: (ingress: Ingress, caller: Caller, worker: Worker) => Promise<Accepted>;
}

/** Everybody outside: programs that send events, people who answer questions, operators. */
export class Clients {
  /** Inputs that came about during the run, such as a person's answer. */
  readonly emerged: string[] = [];
  readonly #ground: Ground;
  readonly #door: FrontDoor;
  readonly #left: ReadonlySet<string>;
  readonly #questions = new Map<string, number>();

  constructor(ground: Ground, door: FrontDoor, left: ReadonlySet<string>) {
    this.#ground = ground;
    this.#door = door;
    this.#left = left;
  }

  plan(input: PlannedInput, record: SessionRecord): void {
    if (this.#left.has(input.name)) return;
    this.#ground.scheduler.after(input.at, () => this.#begin(input, record));
  }

  /** Somebody saw a question; about an effect in doubt it has a key, and who answers looks at the target. */
  asked(record: SessionRecord, ask: string, key?: string): void {
    const { seed, scheduler } = this.#ground;
    const place = (this.#questions.get(record.key) ?? 0) + 1;
    this.#questions.set(record.key, place);
    const name = `${record.key}.h${place}`;
    if (chance(seed, `${name} answers`) < 0.25 || this.#left.has(name)) return;
    this.emerged.push(name);
    const opinion = { value: between(seed, `${name} value`, 0, 99), items: [] };
    const times = chance(seed, `${name} twice`) < 0.3 ? 2 : 1;
    for (let time = 1; time <= times; time++) {
      const id = `${name}.${time}`;
      scheduler.after(between(seed, `${id} at`, 300, 14_000), () => {
        const value = key === undefined ? opinion : seenOf(record, key);
        const wish: Wish = {
          name: id,
          record,
          source: "people",
          id,
          body: { ask, value },
          retries: 2,
          ask: (ingress, caller) => ingress.answerHuman(caller, record.key, ask, { id, value }),
        };
        this.#try(wish, 0);
      });
    }
  }

  #begin(input: PlannedInput, record: SessionRecord): void {
    const { what } = input;
    if (what.type === "fork") return this.#fork(input, record, what);
    if (what.type === "signal") return this.#signal(input, record, what.body);
    if (what.type !== "event") return this.#order(input, record, what);
    if (input.via === "bus") this.#put(input, record, what.body, input.name);
    else this.#send(input, record, what.body);
    this.#sendAgain(input, record, what.body);
  }

  #order(
    input: PlannedInput,
    record: SessionRecord,
    { type, harsh }: Extract<PlannedInput["what"], { readonly harsh: boolean }>,
  ): void {
    const how = harsh ? { compensate: false } : {};
    const run = lastRun(record);
    if (type === "stop") this.#command(input, record, { type, reason: "enough", ...how });
    else if (run !== undefined)
      this.#command(input, record, { type, run, reason: "no longer wanted", ...how });
  }

  /** Somebody forks what there is by now, and names the same event with each try. */
  #fork(
    input: PlannedInput,
    record: SessionRecord,
    { as, share }: Extract<PlannedInput["what"], { readonly type: "fork" }>,
  ): void {
    const last = record.appended.at(-1)?.commit.last ?? 0;
    if (last === 0) return;
    const body = { session: as, at: 1 + Math.floor(share * last) };
    const ask: Wish["ask"] = async (_, { source }, worker) => {
      const fork = this.#door.record(as);
      const { sequence, origin } = await this.#door.forks(worker).fork(keyOf(record.key), body, { source });
      fork.told.push({ at: origin.at, sequence });
      return { session: keyOf(as).session, id: input.id, sequence, duplicate: false };
    };
    this.#try({ ...input, record: this.#door.record(as), body, ask, isFork: true }, 0);
  }

  /** Sometimes once more, or another one under its id. */
  #signal(input: PlannedInput, record: SessionRecord, signal: JsonObject, name = input.name): void {
    const body = { ...signal, id: input.id };
    const ask: Wish["ask"] = (ingress, caller) => ingress.signal(caller, record.key, body);
    this.#try({ ...input, name, record, body: signal, ask }, 0);
    if (name === input.name)
      this.#again(input, signal, (again, other) => this.#signal(input, record, again, other));
  }

  #command(input: PlannedInput, record: SessionRecord, command: Json & object): void {
    const body = { ...command, id: input.id };
    const ask: Wish["ask"] = (ingress, caller) => ingress.command(caller, record.key, body);
    this.#try({ ...input, record, body: command, ask }, 0);
  }

  #send(input: PlannedInput, record: SessionRecord, event: object, name = input.name): void {
    const body = { ...event, id: input.id };
    const ask: Wish["ask"] = (ingress, caller) => ingress.send(caller, record.key, body, input.waitMs);
    // A planned body is JSON.
    this.#try({ ...input, name, record, body: event as Json, ask }, 0);
  }

  /** The same input once more, soon or long after; or another one under its id. */
  #sendAgain(input: PlannedInput, record: SessionRecord, body: JsonObject): void {
    this.#again(input, body, (again, name) => {
      if (input.via === "bus") this.#put(input, record, again, name);
      else this.#send(input, record, again, name);
    });
  }

  #again(input: PlannedInput, body: JsonObject, send: (again: JsonObject, name: string) => void): void {
    const { chaos, scheduler } = this.#ground;
    for (const kind of ["early-duplicate", "late-duplicate", "other-body"] as const) {
      const fault = chaos.at(`${input.name} ${kind}`, [kind]);
      if (fault === undefined) continue;
      const again = kind === "other-body" ? { ...body, data: { n: 10 } } : body;
      const name = `${input.name} ${kind}`;
      scheduler.after(fault.value, () => send(again, name));
    }
  }

  #try(wish: Wish, tried: number): void {
    const { chaos, scheduler } = this.#ground;
    const name = `http ${wish.name} ${tried + 1}`;
    const saw = (what: CallerSaw) => {
      const { source, id, body } = wish;
      if (wish.isFork !== true)
        wish.record.requests.push({ session: wish.record.key, source, id, body, saw: what });
      const again = what.type === "lost" || (what.type === "refused" && what.retryable);
      if (again && tried < wish.retries)
        scheduler.after(1_000 * (tried + 1), () => this.#try(wish, tried + 1));
    };
    if (chaos.at(`${name} way there`, ["request-lost"]) !== undefined) {
      scheduler.after(CALL_MS, () => saw({ type: "lost" }));
      return;
    }
    const worker = new Worker(name, this.#ground);
    const isLost = chaos.at(`${name} way back`, ["response-lost"]) !== undefined;
    const limit = scheduler.after(INGRESS_TIMEOUT_MS, () => {
      worker.stop();
      saw({ type: "lost" });
    });
    worker.start(
      () => {
        const caller = { tenant: tenantOf(wish.record.key), source: wish.source };
        return wish.ask(this.#door.ingress(worker), caller, worker);
      },
      (outcome) => {
        limit.happening = undefined;
        if (isLost || (outcome.type === "error" && !worker.alive)) saw({ type: "lost" });
        else if (outcome.type === "error") {
          this.#door.refused(outcome.error);
          saw(refused(outcome.error));
        } else saw(accepted(outcome.value));
      },
    );
  }

  /** Nobody hears what becomes of it: EventBridge has taken it. */
  #put(input: PlannedInput, record: SessionRecord, body: JsonObject, name: string): void {
    const { scheduler, seed } = this.#ground;
    const { source, id } = input;
    const { type, session: facts, ...event } = body;
    const envelope = `envelope of ${name}`;
    record.bus.push({ session: record.key, source, id, envelope, body });
    const text = JSON.stringify({
      id: envelope,
      account: "111122223333",
      source,
      time: new Date(scheduler.now).toISOString(),
      "detail-type": type,
      detail: { ...event, session: record.key, id, facts },
    });
    scheduler.after(between(seed, envelope, LEAST_ON_BUS_MS, MOST_ON_BUS_MS), () => this.#door.bus(text));
  }
}

/** What somebody who looks finds of an act. */
function seenOf({ target }: SessionRecord, key: string): Json {
  const result = target.get(key);
  return result === undefined ? { happened: false } : { happened: true, result };
}

function lastRun(record: SessionRecord): RunId | undefined {
  for (const { commit } of record.appended.toReversed()) {
    const started = commit.events.findLast((event) => event.type === "RunStarted");
    if (started?.type === "RunStarted") return started.data.run;
  }
  return undefined;
}

const accepted = ({ sequence, duplicate, disposition }: Accepted): CallerSaw => ({
  type: "accepted",
  sequence,
  duplicate,
  ...(disposition !== undefined && { disposition }),
});

function refused(error: unknown): CallerSaw {
  // Anything else is a bug: the check on what callers see knows this code.
  if (!isSpineError(error)) return { type: "refused", code: "internal", retryable: false };
  const { code, retryable, details } = error;
  const sequence = details["sequence"];
  return { type: "refused", code, retryable, ...(typeof sequence === "number" && { sequence }) };
}
