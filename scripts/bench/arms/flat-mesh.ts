import { CallTimeout, startAndAwait, type Environment } from "../kernel/environment.ts";
import { Table } from "../kernel/table.ts";
import type { Section } from "../ledger.ts";
import { act, agentDeadlineMs, sectionOf, think, type MakeArm, type Message } from "./arm.ts";
import { createRetryBudget, isPassing } from "./retry-budget.ts";

/** A session's document: who may work on it until when, and what has been done of each message. */
interface Doc {
  readonly facts: number;
  readonly holder: string | undefined;
  readonly heldUntil: number;
  readonly done: Readonly<Record<number, readonly Section[]>>;
}

const EMPTY: Doc = { facts: 0, holder: undefined, heldUntil: 0, done: {} };

interface AgentCall {
  /** Which agent. */
  readonly at: number;
  readonly request: Message;
  readonly facts: number;
  readonly until: number;
}

/**
 * The strongest rival: one function holds a session's lease and calls the agents one after another. What each has done is
 * written before the next is called, under the condition that the lease still holds, so that another try goes on where
 * the last one stopped.
 */
export const flatMesh: MakeArm = (ground) => {
  const { workload, kernel, ledger } = ground;
  const { cpu, wellBuilt } = kernel.params;
  const table = new Table<Doc>();
  const agents = workload.agents.map((agent) =>
    ground.pool({ name: agent, cause: "agent functions", cap: workload.cap }),
  );
  // As the spine's ingress, it has the account's room: its work is to wait.
  const orchestrator = ground.pool({ name: "orchestrator", cause: "orchestrator", cap: Infinity });
  // It knows what a call's deadline has cut off: the agent is called again under the same key.
  const retried = createRetryBudget(ground, (error) => isPassing(error) || error instanceof CallTimeout);

  const read = async (environment: Environment, session: string) => {
    const found = await environment.call("read", "GetItem", () => table.get(session));
    return { doc: found?.doc ?? EMPTY, version: found?.version ?? 0 };
  };
  const write = (environment: Environment, session: string, doc: Doc, version: number) =>
    environment.call("write", "PutItem", () => table.putIf(session, doc, version));

  /** Takes the lease, which brings the message's facts with it. */
  const lease = async (
    environment: Environment,
    { session, message }: Message,
    holder: string,
    until: number,
  ) => {
    for (;;) {
      const { doc, version } = await read(environment, session);
      if (doc.holder === undefined || doc.holder === holder || doc.heldUntil <= kernel.now) {
        const held: Doc = {
          ...doc,
          facts: Math.max(doc.facts, message),
          holder,
          heldUntil: kernel.now + wellBuilt.leaseMs,
        };
        const put = () => {
          const done = table.putIf(session, held, version);
          if (!done) return false;
          ledger.accept(session, message, kernel.now);
          ledger.enforce(session, kernel.now, message);
          return true;
        };
        if (await environment.call("write", "PutItem", put)) return { doc: held, version: version + 1 };
      }
      const pause = wellBuilt.leasePauseMs * (1 + kernel.draw(environment.label, "lease"));
      if (kernel.now + pause >= until) throw new CallTimeout("The session is held by another.");
      await environment.sleep(pause);
    }
  };

  const callAgent = async (
    environment: Environment,
    { at, request, facts, until }: AgentCall,
  ): Promise<Section> => {
    const pool = agents[at];
    const agent = workload.agents[at] ?? "";
    if (pool === undefined) throw new Error("No such agent.");
    const label = { session: `${request.session}/${request.message}`, agent };
    const work = async (inner: Environment) => {
      await inner.cpu(cpu.meshHandler);
      await think(ground, inner, request, agent);
      if (agent === workload.effectOf)
        await act(ground, inner, request, { facts, key: `${request.session}/${request.message}` });
      return sectionOf(agent, request.message, facts);
    };
    return retried(environment, until, () =>
      environment.invoke(pool, label, work, {
        deadlineMs: Math.min(agentDeadlineMs(kernel.params, workload), until - kernel.now),
      }),
    );
  };

  const orchestrate = async (environment: Environment, request: Message, holder: string, until: number) => {
    await environment.cpu(cpu.flatHandler);
    let { doc, version } = await lease(environment, request, holder, until);
    const { session, message } = request;
    try {
      while ((doc.done[message]?.length ?? 0) < agents.length) {
        const sections = doc.done[message] ?? [];
        const section = await callAgent(environment, {
          at: sections.length,
          request,
          facts: doc.facts,
          until,
        });
        const done = [...sections, section];
        const isLast = done.length === agents.length;
        const next: Doc = {
          ...doc,
          done: { ...doc.done, [message]: done },
          ...(isLast && { holder: undefined }),
        };
        if (!(await write(environment, session, next, version)))
          throw new Error("The lease was taken by another.");
        doc = next;
        version += 1;
      }
      return doc.done[message] ?? [];
    } catch (error) {
      // Whoever comes next need not wait until the lease is over.
      await write(environment, session, { ...doc, holder: undefined }, version);
      throw error;
    }
  };

  return {
    async request(request, _attempt, until) {
      const label = { session: `${request.session}/${request.message}`, agent: "orchestrator" };
      // Another try of the same message takes the lease over: of two that run at once only one can write.
      const holder = `${request.session}/${request.message}`;
      const sections = await startAndAwait(orchestrator, label, (environment) =>
        orchestrate(environment, request, holder, until),
      );
      return { type: "reply", at: kernel.now, reply: { message: request.message, sections } };
    },
  };
};
