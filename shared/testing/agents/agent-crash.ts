import type { Agent } from "#core/contract.ts";
import type { AnswerQueue } from "#ports/queues.ts";
import type { CoordinatorDoor } from "#ports/agents.ts";

/** What an implementation throws when its function is to die in the middle of a task. */
export class AgentCrash extends Error {
  override readonly name = "AgentCrash";
}

/** The agents of a function, and what it speaks with. */
export interface AgentFunction {
  readonly agents: readonly Agent[];
  readonly door: CoordinatorDoor;
  readonly answers: AnswerQueue;
}

/**
 * Runs a function so that it can die of a crash of its agents: the run fails at once, and what it left says nothing any more, neither
 * an answer nor a heartbeat.
 */
export function untilCrash<T>(
  { agents, door, answers }: AgentFunction,
  run: (mortal: AgentFunction) => Promise<T>,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let isDead = false;
    const never = () => new Promise<never>(() => undefined);
    const die = (crash: AgentCrash) => {
      isDead = true;
      reject(crash);
      return never();
    };
    const alive =
      <Given extends readonly unknown[], Said>(say: (...given: Given) => Promise<Said>) =>
      (...given: Given): Promise<Said> =>
        isDead ? never() : say(...given);
    const mortal = (agent: Agent): Agent => ({
      ...agent,
      run: async (task) => {
        try {
          return await agent.run(task);
        } catch (error) {
          if (error instanceof AgentCrash) return die(error);
          throw error;
        }
      },
    });
    run({
      agents: agents.map(mortal),
      door: {
        look: alive((proof) => door.look(proof)),
        beat: alive((proof) => door.beat(proof)),
        claim: alive((proof, execution) => door.claim(proof, execution)),
        signals: alive((proof, after) => door.signals(proof, after)),
        answer: alive((answer) => door.answer(answer)),
      },
      answers: { send: alive((answer) => answers.send(answer)) },
    }).then(resolve, reject);
  });
}
