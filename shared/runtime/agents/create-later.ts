import type { ContractSpec } from "#core/contract.ts";
import { problemError } from "#core/errors.ts";
import { answersLater, type LaterTask, type TaskCallback } from "#core/later.ts";
import type { TaskMessage } from "#core/session/task-messages.ts";

/** Where whoever goes on with a task answers it: the door's function, and an endpoint that takes no signature, if there is one. */
export type AnswerAddress = Pick<TaskCallback, "door" | "url">;

/** How an agent passes its task on: to whoever it gives the callback. Throws `contract.invalid` where its contract does not say that it may. */
export function createLater(
  { name, functionMs }: Pick<ContractSpec, "name" | "functionMs">,
  { tenant, session, task, attempt, token, deadline, heartbeatMs }: TaskMessage,
  answersAt: AnswerAddress,
): LaterTask<unknown>["later"] {
  return async (start) => {
    if (functionMs === undefined)
      throw problemError("contract.invalid", {
        field: "later",
        problem: `is missing from the contract of ${name}, so it has to answer itself`,
        repair: "Add later: true to its contract, and deploy its function again.",
      });
    await start({
      tenant,
      session,
      task,
      attempt,
      token,
      ...answersAt,
      deadline,
      ...(heartbeatMs !== undefined && { heartbeatMs }),
    });
    return answersLater;
  };
}
