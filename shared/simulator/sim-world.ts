import { isSpineError } from "#core/errors.ts";
import { functionTimes } from "#core/group-time.ts";
import { readCommit } from "#runtime/session/read-commit.ts";
import { idempotencyKeyOf } from "#core/session/task-messages.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import type { Digest, ReadyTokens } from "#ports/secrets.ts";
import type { SessionLog, StreamRecord } from "#ports/session-log.ts";
import type { CommitRef } from "#ports/queues.ts";
import { createIngress } from "#runtime/doors/create-ingress.ts";
import type { RelayBatches } from "#runtime/relay/create-relay-batches.ts";
import { refOf } from "#runtime/relay/read-works.ts";
import { problemOf } from "#runtime/doors/http/problem.ts";
import type { Recovery } from "#runtime/letters/create-recovery.ts";
import { createHandler, type Handler } from "#testing/in-process/handlers.ts";
import { createQueuePorts, createQueues, type Source } from "#testing/in-process/in-process-queues.ts";
import { implementSimAgent, watchAgents } from "./sim-agents.ts";
import type { PreparedCase } from "./cases.ts";
import { between } from "#memory/seeded-chance.ts";
import { slackOf, type Chaos } from "./chaos.ts";
import { Clients } from "./sim-clients.ts";
import { createDoorCalls, withoutView } from "./sim-door.ts";
import { createSimForks } from "./sim-forks.ts";
import { createSimHealth } from "./health.ts";
import { createSimIntake } from "./sim-intake.ts";
import { Letters } from "./sim-letters.ts";
import { attemptName, keyOf, START } from "./sim-names.ts";
import type { Words } from "./new-words.ts";
import { Records, type SessionRecord } from "./observations.ts";
import { createOutside, watchHeartbeats } from "./outside.ts";
import { OpenedWords, Personal, type Leak } from "./personal.ts";
import { portsOf, type OfTable, type Resources, type WorkerView } from "./ports.ts";
import { Processes, type Advancing } from "./processes.ts";
import { createSimRelay, RelayWatch } from "./relay-watch.ts";
import { readingOf, type Reading } from "./reading-of.ts";
import { Releases } from "./releases.ts";
import { RestorableLog } from "./restore.ts";
import { Retention } from "./sim-retention.ts";
import type { Scenario } from "./scenario.ts";
import { Scheduler } from "./scheduler.ts";
import { Slots, type Crowd } from "./slots.ts";
import { createPick, SourcePump } from "./source-pump.ts";
import { LogStream } from "./stream.ts";
import { TimerWatch, type Wedge } from "./timer-watch.ts";
import type { Ground, Worker } from "./worker.ts";

const MOST_HAPPENINGS = 60_000;
const MOST_HAPPENINGS_IN_CROWDS = 20_000_000;

export interface WorldSetup {
  readonly seed: number;
  readonly subject: PreparedCase;
  readonly scenario: Scenario;
  readonly chaos: Chaos;
  /** Names of inputs that are left out. */
  readonly left: ReadonlySet<string>;
  readonly digest: Digest;
  readonly tokens: ReadyTokens;
  /** @default nobody waits for anybody */
  readonly crowd?: Crowd;
}

/** What a run left behind. */
export interface WorldResult {
  readonly records: ReadonlyMap<string, SessionRecord>;
  /** As it is stored. */
  readonly log: SessionLog;
  /** The list of sessions. */
  readonly rows: ReturnType<RestorableLog["index"]["all"]>;
  readonly digest: Digest;
  /** What understands everything that is stored. */
  readonly words: Words;
  readonly reading: Reading;
  /** Virtual time came to an end: nothing was planned any more. */
  readonly quiet: boolean;
  /** Names of inputs that came about during the run. */
  readonly emerged: readonly string[];
  /** Why an event of the bus was refused, or given up where nothing is said, by its envelope's id. */
  readonly refused: ReadonlyMap<string, string | undefined>;
  /** Dead letters of the inbox that later messages of their sessions passed. */
  readonly overtaken: number;
  /** Reads of commits with words that their reader did not know. */
  readonly unknown: number;
  /** Commits that stood on a state that their process had kept. */
  readonly keptStates: number;
  /** Kept states that had to be read anew. */
  readonly oldStates: number;
  /** How far the run's faults together can hold a timer or a message up. */
  readonly slackMs: number;
  /** Whether a clock was seconds off: then times of different workers say little. */
  readonly clocksFarOff: boolean;
  /** How long sessions stay, in a run where they do not for ever. */
  readonly retentionMs: number | undefined;
  /** Sessions that stood with nothing on its way to wake them. */
  readonly wedges: readonly Wedge[];
  /** Sessions whose keys are there. */
  readonly keptKeys: readonly string[];
  /** Of what the door said to agents, characters. */
  readonly longestAnswer: number;
  /** Personal values that somebody could read who may not. */
  readonly leaks: readonly Leak[];
}

/** Runs a scenario on the real core and runtime, in virtual time, until nothing happens any more. */
export async function runWorld(setup: WorldSetup): Promise<WorldResult> {
  const world = new World(setup);
  return world.run();
}

class World {
  readonly #setup: WorldSetup;
  readonly #scheduler = new Scheduler(START);
  readonly #ground: Ground;
  readonly #records: Records;
  readonly #table: RestorableLog;
  readonly #timers: TimerWatch;
  readonly #letters: Letters;
  readonly #releases: Releases;
  readonly #processes: Processes;
  readonly #retention: Retention;
  readonly #resources: Omit<Resources, OfTable>;
  readonly #pump: SourcePump;
  readonly #stream: LogStream;
  readonly #relayWatch: RelayWatch;
  readonly #clients: Clients;
  readonly #personal: Personal | undefined;
  /** What understands everything that is stored. */
  readonly #words: Words;
  #longestAnswer = 0;
  #writer = "";

  constructor(setup: WorldSetup) {
    const { subject, scenario, chaos, digest, tokens, seed, left } = setup;
    const scheduler = this.#scheduler;
    const slots = setup.crowd && new Slots(setup.crowd.slots);
    const ground: Ground = { seed, scheduler, chaos, ...(slots !== undefined && { slots }) };
    this.#setup = setup;
    this.#ground = ground;
    const personal = scenario.personal && new Personal(scenario.personal, digest);
    this.#personal = personal;
    this.#table = new RestorableLog(() => scheduler.now);
    this.#records = new Records([...scenario.sessions, ...(scenario.forks ?? [])], (hash) =>
      this.#table.flow(hash),
    );
    const queues = createQueues([...subject.application.contracts.keys()], {
      agentTimeoutMs: functionTimes([...subject.application.contracts.values()].map(({ spec }) => spec)),
      pick: createPick(chaos),
    });
    const { tenantInFlight } = scenario;
    const ports = createQueuePorts(
      queues,
      { now: () => scheduler.now },
      { digest, tenantInFlight },
      (queue) => this.#pump.sent(queue),
    );
    this.#timers = new TimerWatch(queues);
    this.#letters = new Letters({
      ground,
      queues,
      tokens,
      records: this.#records,
      timers: this.#timers,
      view: (worker) => this.#view(worker),
      ...(personal !== undefined && { personal }),
    });
    personal?.watchQueues(queues.sources);
    this.#releases = new Releases(ground, subject, scenario, digest);
    this.#processes = new Processes(ground);
    const { newest } = this.#releases;
    this.#words = personal === undefined ? newest : new OpenedWords(newest);
    const blobs = createMemoryBlobs();
    this.#retention = new Retention({
      ground,
      blobs,
      table: () => this.#table.log,
      // Retention ends sessions without any key.
      view: (worker) => this.#bareView(worker),
      removeKey: async (worker, key) => personal?.remove(worker, key),
    });
    this.#table.onTombstone = ({ session }) => {
      this.#records.of(session).expiredAt = scheduler.now;
    };
    const resources = {
      blobs,
      health: createSimHealth(ground, [...subject.application.contracts.keys()]),
      heartbeats: watchHeartbeats(this.#records, () => scheduler.now),
      tokens,
      intake: ports.intake,
      inbox: ports.inbox,
      answers: ports.answers,
      retries: {
        keep: (refs: readonly CommitRef[], seconds: number) => {
          this.#relayWatch.aside(refs);
          return ports.retries.keep(refs, seconds);
        },
      },
      ...createOutside(ground, this.#records, ports, this.#timers),
    };
    this.#resources = personal?.watch(resources) ?? resources;
    this.#pump = this.#createPump(queues.sources);
    this.#relayWatch = new RelayWatch(this.#records, this.#timers, () => scheduler.now);
    this.#stream = new LogStream(ground, (worker) => this.#relay(worker));
    this.#clients = new Clients(
      ground,
      {
        ingress: (worker) => createIngress(this.#advancing(worker, "ingress").engine),
        forks: (worker) => createSimForks(this.#advancing(worker, "ingress").engine),
        record: (session) => this.#records.of(session),
        bus: (body) => void ports.intake.send([{ body, delaySeconds: 0 }]),
        refused: (error) => personal?.look("an HTTP problem", problemOf(error).body),
      },
      left,
    );
    this.#table.onAppend((entry) => this.#observe(entry));
  }

  async run(): Promise<WorldResult> {
    const { scenario, digest, chaos } = this.#setup;
    for (const input of scenario.inputs) this.#clients.plan(input, this.#records.of(input.session));
    this.#planRestore();
    const most = this.#setup.crowd === undefined ? MOST_HAPPENINGS : MOST_HAPPENINGS_IN_CROWDS;
    const quiet = await this.#scheduler.run(most, () => this.#timers.check(this.#scheduler.now));
    const { log } = this.#table;
    const words = this.#words;
    return {
      records: this.#records.bySession,
      log,
      rows: this.#table.index.all(),
      digest,
      words,
      reading: readingOf(
        log,
        words,
        this.#personal?.openedBlobs(this.#resources.blobs) ?? this.#resources.blobs,
      ),
      quiet,
      emerged: this.#clients.emerged,
      retentionMs: this.#retention.retentionMs,
      refused: this.#letters.refused,
      overtaken: this.#letters.overtaken,
      unknown: this.#releases.unknown,
      keptStates: this.#processes.kept,
      oldStates: this.#processes.old,
      slackMs: slackOf(chaos.drawn),
      clocksFarOff: chaos.drawn.some(({ kind }) => kind === "clock-far-off"),
      wedges: this.#timers.wedges,
      keptKeys: this.#personal?.keptKeys ?? [],
      longestAnswer: this.#longestAnswer,
      leaks: this.#personal?.leaks ?? [],
    };
  }

  #view(worker: Worker): WorkerView {
    const view = this.#bareView(worker);
    return this.#personal?.guard(view, worker) ?? view;
  }

  /** What a worker stands on that advances sessions, in a process that keeps some. */
  #advancing(worker: Worker, duty: Advancing): WorkerView {
    const version = this.#releases.of(worker);
    const { cache, keys } = this.#processes.of(worker, duty, version);
    const bare = this.#bareView(worker, version);
    const view = this.#personal?.guard(bare, worker, keys) ?? bare;
    return { ...view, engine: { ...view.engine, cache } };
  }

  /** What a worker stands on that has no key. */
  #bareView(worker: Worker, version = this.#releases.of(worker)): WorkerView {
    const { log: table, progress, index } = this.#table;
    const log = this.#personal?.watchLog(table) ?? table;
    const resources: Resources = { ...this.#resources, log, progress, index };
    return portsOf(worker, resources, version, ({ name }) => void (this.#writer = name));
  }

  /** The relay, run by a new worker. */
  #relay(worker: Worker): RelayBatches {
    const notes = { ...this.#retention.notes(worker), cache: this.#processes.relays.cacheOf(worker) };
    return createSimRelay(this.#view(worker), notes, this.#relayWatch);
  }

  #createPump(sources: readonly Source[]): SourcePump {
    const { subject, tokens, crowd, scenario } = this.#setup;
    const { answer } = subject;
    const pace = crowd?.pace ?? 1;
    const ground = this.#ground;
    const doorFor = createDoorCalls(
      ground,
      (worker) => this.#advancing(worker, "door").engine,
      (answer) => this.#heard(answer),
      this.#records,
    );
    const watch = watchAgents(this.#records, () => this.#scheduler.now);
    const contracts = [...subject.application.contracts.values()];
    const hire = ({ duty }: Source, worker: Worker): Handler => {
      const advances = duty.type === "inbox" || duty.type === "answers";
      const own = advances ? this.#advancing(worker, "coordinator") : this.#view(worker);
      const door = doorFor(worker);
      const reach = { door, answers: own.answers, tokens };
      const hosted = duty.type === "agent" ? contracts : [];
      const agents = new Map(
        hosted.map((contract) => [
          contract.spec.name as string,
          implementSimAgent(contract, worker, { ground, watch, reach, pace, answer }),
        ]),
      );
      const recovery = (): Recovery => this.#letters.recovery(worker);
      const intake = { ...own.intake, ...createSimIntake(ground, worker) };
      const relay = (): RelayBatches => this.#relay(worker);
      return createHandler(duty, { ...own, intake, door, agents, recovery, relay });
    };
    return new SourcePump(sources, ground, {
      hire,
      concurrency: ({ duty }) =>
        (duty.type === "agent" ? crowd?.concurrency(duty.agent) : undefined) ?? Infinity,
      received: (task, waitedMs) => {
        const { waited } = this.#records.of(task.session);
        const name = attemptName(task);
        // A second message of an attempt waits behind the first, as it should; where groups are shared, one of another attempt does.
        if (!waited.has(name) && scenario.tenantInFlight === undefined) waited.set(name, waitedMs);
      },
    });
  }

  /** What the door says to an agent. */
  #heard(answer: unknown): void {
    const said = isSpineError(answer) ? [answer.code, answer.message, answer.problems] : withoutView(answer);
    const text = JSON.stringify(said) ?? "";
    this.#longestAnswer = Math.max(this.#longestAnswer, text.length);
    this.#personal?.look("an answer of the door", text);
  }

  #observe(entry: StreamRecord): void {
    const record = this.#records.of(entry.session);
    const at = this.#scheduler.now;
    // The very bytes that the runtime wrote a moment ago.
    const commit = readCommit(this.#table.log, entry, this.#words.read(entry.commit));
    this.#personal?.lookAtStored("the table", entry, entry.commit.text);
    record.appended.push({ at, writer: this.#writer, stored: entry.commit, commit });
    this.#note(record, record.appended.length - 1);
    this.#stream.put(refOf(entry));
  }

  /** Takes note of what a commit says. */
  #note(record: SessionRecord, index: number): void {
    const entry = record.appended[index];
    if (entry === undefined) return;
    const { stored, commit } = entry;
    const doubted = new Map<string, string>();
    for (const { type, data } of commit.events) {
      if (type === "AttemptDispatched") record.dispatched.add(attemptName(data));
      else if (type === "EffectClaimed") record.claimed.add(attemptName(data));
      else if (type === "EffectInDoubt" && data.asks === "person")
        doubted.set(data.task, idempotencyKeyOf({ ...keyOf(record.key), task: data.task }));
      else if (type === "HumanAsked") this.#clients.asked(record, data.ask, doubted.get(data.task ?? ""));
    }
    try {
      record.history.add(stored, commit);
    } catch {
      // What cannot be folded is found when the log is read.
      return;
    }
    this.#timers.committed(record.key, stored, commit, record.history.final);
  }

  #planRestore(): void {
    const fault = this.#setup.chaos.at("the table", ["table-restored"]);
    if (fault !== undefined) this.#scheduler.after(fault.value, () => void this.#restore(fault.value));
  }

  /**
   * Sets the table back by up to half of the time that it has. Queues keep what they hold, functions at work keep the table
   * that they know, and what the restored table holds is published again, as the operator is told to do.
   */
  async #restore(sinceStart: number): Promise<void> {
    const { bySession } = this.#records;
    const back = between(this.#ground.seed, "the table's age", 0, Math.floor(sinceStart / 2));
    const kept = await this.#table.restore(bySession.values(), this.#scheduler.now - back);
    this.#table.onAppend((entry) => this.#observe(entry));
    this.#stream.drop();
    this.#processes.restart();
    this.#relayWatch.forget();
    this.#timers.forgetStream();
    for (const [session, appended] of kept) {
      const record = this.#records.restart(session);
      record.expiredAt = this.#table.expiredBy(session, this.#scheduler.now - back);
      const stored = await this.#table.log.readAfter(keyOf(session), 0, appended.length);
      for (const [index, one] of stored.entries()) {
        const entry = appended[index];
        if (entry === undefined) continue;
        record.appended.push({ ...entry, stored: one });
        this.#note(record, index);
        this.#stream.put({ ...keyOf(session), first: one.first, again: true });
      }
    }
  }
}
