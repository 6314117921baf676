import type { Context, SQSEvent } from "aws-lambda";
import { hostAgent } from "#aws/lambda/host-agent.ts";
import type { TaskMessage } from "#core/session/task-messages.ts";
import { Badness, risky } from "../contracts.ts";
import { flood } from "./flood.ts";

interface Input {
  readonly subject: string;
  readonly badness: Badness;
  readonly others: readonly string[];
}

async function behave({ badness, subject }: Input): Promise<{ readonly text: string }> {
  switch (badness) {
    case Badness.none:
    case Badness.flood:
      return { text: `risked ${subject}` };
    case Badness.kill:
      process.kill(process.pid, "SIGKILL");
      return new Promise(() => undefined);
    case Badness.hang:
      // Blocks the whole process without work for the machine.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      throw new Error("The agent hangs.");
    case Badness.throw:
      throw new Error("The model is down.");
    case Badness.garbage:
      // That it does not fit the schema is the point.
      return { text: { nested: [1, "two", null] } } as unknown as { readonly text: string };
  }
}

const hosted = hostAgent(risky.implement(({ context }) => behave(context.input as Input)));

/** Beside what a host does, a flooding agent sends whatever its role lets it. */
export const handler = async (event: SQSEvent, context: Context) => {
  for (const { body } of event.Records) {
    const message = JSON.parse(body) as TaskMessage;
    // The contract reads `input`, and the flow's trigger has checked it.
    const { badness, others } = (message.view as unknown as { readonly input: Input }).input;
    if (badness === Badness.flood) await flood(message, others);
  }
  return hosted(event, context);
};
