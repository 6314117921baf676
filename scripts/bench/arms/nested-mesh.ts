import { startAndAwait, type CallOptions, type Environment } from "../kernel/environment.ts";
import { Table } from "../kernel/table.ts";
import type { Answer, Section } from "../ledger.ts";
import { act, sectionOf, think, type MakeArm, type Message } from "./arm.ts";
import { createRetryBudget, type Retried } from "./retry-budget.ts";

/** What turns the naive mesh into the well-built one, each alone or all together. */
export interface Fixes {
  /** Callers hand the context on; nobody fetches it. */
  readonly contextTravels: boolean;
  /** Writes hold only over what was read. */
  readonly conditionalWrites: boolean;
  /** The effect has a key, and an agent that has done its part for a message gives the result that it had. */
  readonly idempotencyKeys: boolean;
  /** Nobody waits for longer than the client does. */
  readonly deadlines: boolean;
  /** Agents that failed are tried again, within a budget; the SDK no more than that. */
  readonly retryBudget: boolean;
  /** The SDK tries again by itself. */
  readonly retries: boolean;
}

export const NAIVE: Fixes = {
  contextTravels: false,
  conditionalWrites: false,
  idempotencyKeys: false,
  deadlines: false,
  retryBudget: false,
  retries: true,
};

export const WELL_BUILT: Fixes = {
  contextTravels: true,
  conditionalWrites: true,
  idempotencyKeys: true,
  deadlines: true,
  retryBudget: true,
  retries: true,
};

/** A session's document, in which all agents write. */
interface Doc {
  readonly facts: number;
  readonly sections: Readonly<Record<string, Section>>;
  /** What agents have done, by message and agent: only with idempotency keys. */
  readonly done: Readonly<Record<string, Section>>;
}

/** What a caller hands on. */
interface Request extends Message {
  readonly until: number;
  readonly facts: number;
  readonly sections: readonly Section[];
}

const EMPTY: Doc = { facts: 0, sections: {}, done: {} };
/** A conditional write that loses is tried again so often. */
const MOST_LOST = 20;
const MARGIN_MS = 200;

/** Agents that call one another: each function waits for all that come after it. */
export function nestedMesh(fixes: Fixes): MakeArm {
  return (ground) => {
    const { workload, kernel } = ground;
    const { cpu, load } = kernel.params;
    const table = new Table<Doc>();
    const pools = workload.agents.map((agent) =>
      ground.pool({ name: agent, cause: "mesh functions", cap: workload.cap }),
    );
    const retried: Retried = fixes.retryBudget
      ? createRetryBudget(ground)
      : (_environment, _until, once) => once();
    const attempts = fixes.retries ? {} : { attempts: 1 };

    const read = (environment: Environment, session: string) =>
      environment.call("read", "GetItem", () => table.get(session), attempts);

    /** Reads, changes and writes a document: the last write wins, or only one over what was read. */
    const change = async (
      environment: Environment,
      session: string,
      known: Doc | undefined,
      with_: (doc: Doc) => Doc,
    ) => {
      if (!fixes.conditionalWrites) {
        const doc = known ?? (await read(environment, session))?.doc ?? EMPTY;
        await environment.call("write", "PutItem", () => table.put(session, with_(doc)), attempts);
        return;
      }
      for (let lost = 0; lost < MOST_LOST; lost += 1) {
        const found = await read(environment, session);
        const next = with_(found?.doc ?? EMPTY);
        const put = () => table.putIf(session, next, found?.version ?? 0);
        if (await environment.call("write", "PutItem", put, attempts)) return;
        await environment.sleep(kernel.draw(environment.label, "lost write") * 50);
      }
      throw new Error("Too many others write.");
    };

    /** As the naive one does, k fetches one after another: the session's document is the first of them. */
    const assemble = async (environment: Environment, request: Request): Promise<Doc> => {
      const doc = (await read(environment, request.session))?.doc ?? EMPTY;
      for (let fetch = 1; fetch < load.fetches; fetch += 1)
        await environment.call("read", "GetItem", () => undefined, attempts);
      return doc;
    };

    const work = async (
      environment: Environment,
      at: number,
      request: Request,
    ): Promise<readonly Section[]> => {
      const agent = workload.agents[at] ?? "";
      const { session, message } = request;
      await environment.cpu(cpu.meshHandler);
      if (at === 0)
        await change(environment, session, undefined, (doc) => {
          ground.ledger.accept(session, message, kernel.now);
          ground.ledger.enforce(session, kernel.now, message);
          return { ...doc, facts: Math.max(doc.facts, message) };
        });
      const doc = fixes.contextTravels ? undefined : await assemble(environment, request);
      const known = fixes.idempotencyKeys
        ? (await read(environment, session))?.doc.done[`${message}/${agent}`]
        : undefined;
      const facts = doc?.facts ?? request.facts;
      const own = known ?? sectionOf(agent, message, facts);
      if (known === undefined) {
        await retried(environment, request.until, () => think(ground, environment, request, agent));
        if (agent === workload.effectOf)
          await act(ground, environment, request, {
            facts,
            key: fixes.idempotencyKeys ? `${session}/${message}` : undefined,
          });
        await change(environment, session, doc, (before) => ({
          ...before,
          sections: { ...before.sections, [agent]: own },
          done: fixes.idempotencyKeys ? { ...before.done, [`${message}/${agent}`]: own } : before.done,
        }));
      }
      const before =
        doc === undefined
          ? request.sections
          : workload.agents.slice(0, at).flatMap((one) => doc.sections[one] ?? []);
      const sections = [...before, own];
      const next = pools[at + 1];
      if (next === undefined) return sections;
      return retried(environment, request.until, () =>
        environment.invoke(
          next,
          { session: `${session}/${message}`, agent: next.spec.name },
          (inner) => work(inner, at + 1, { ...request, sections }),
          {
            ...attempts,
            ...(fixes.retryBudget && { attempts: 2 }),
            ...(fixes.deadlines && {
              deadlineMs: request.until - kernel.now - MARGIN_MS * (workload.agents.length - at),
            }),
          } satisfies CallOptions,
        ),
      );
    };

    const answer = (sections: readonly Section[], message: number): Answer => ({
      type: "reply",
      at: kernel.now,
      reply: { message, sections },
    });

    return {
      async request({ session, message }, _attempt, until) {
        const [first] = pools;
        if (first === undefined) throw new RangeError("A mesh needs an agent.");
        const request: Request = { session, message, until, facts: message, sections: [] };
        const label = { session: `${session}/${message}`, agent: first.spec.name };
        const sections = await startAndAwait(first, label, (environment) => work(environment, 0, request));
        return answer(sections, message);
      },
    };
  };
}
