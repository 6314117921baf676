import type { AgentTask } from "#core/agent-task.ts";
import type { Agent } from "#core/contract.ts";
import { SpineError } from "#core/errors.ts";
import type { Clock } from "#ports/clock.ts";

const CLOCK = Symbol("clock");

type ClockedTask = AgentTask<unknown> & { readonly [CLOCK]?: Clock };

/** The same agent, whose tasks bring the clock of the spine that runs it. */
export const onClock = (agent: Agent, clock: Clock): Agent => ({
  ...agent,
  run: (task) => agent.run({ ...task, [CLOCK]: clock } as typeof task),
});

/** The clock of the spine that a task came from. */
export function clockOf(task: AgentTask<unknown>): Clock {
  const { [CLOCK]: clock } = task as ClockedTask;
  if (clock === undefined)
    throw new SpineError("internal", "The task has no clock: it does not come from inProcessSpine.");
  return clock;
}
