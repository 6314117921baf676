import type { TaskSignals } from "#core/agent-task.ts";
import { problemError } from "#core/errors.ts";
import type { createSignals } from "./create-signals.ts";

/**
 * The signals of a task, whose code is loaded when an agent asks for any: most agents never do. Throws `contract.invalid` where the contract takes no
 * signals.
 */
export function signalsOnDemand(...given: Parameters<typeof createSignals>): TaskSignals {
  const [, { name, signals: declared }] = given;
  let made: Promise<TaskSignals> | undefined;
  const signals = () => {
    if (declared === undefined)
      throw problemError("contract.invalid", {
        field: "signals",
        problem: `is missing from the contract of ${name}`,
        repair: "Declare the signals that it takes, each with a schema.",
      });
    return (made ??= import("./create-signals.ts").then((module) => module.createSignals(...given)));
  };
  return Object.assign(async () => (await signals())(), {
    async *[Symbol.asyncIterator]() {
      yield* await signals();
    },
  });
}
