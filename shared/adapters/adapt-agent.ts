import type { AgentTask } from "#core/agent-task.ts";
import { answered, type Agent, type Contract } from "#core/contract.ts";
import { isSpineError, messageOf, SpineError } from "#core/errors.ts";
import type { Framework, Turn } from "./framework.ts";
import { fittingResult } from "./fitting-result.ts";
import { interruptedBy, standingIn } from "./interruption.ts";
import { promptOf } from "./prompt-of.ts";

/** What all adapters take: how a view becomes the framework's input, and its output the contract's. */
export interface AdapterOptions<View, Result, Prompt = string> {
  /** @default the text of `input`, or the view as JSON */
  readonly prompt?: (view: View, task: AgentTask<View>) => Prompt | Promise<Prompt>;
  /** @default the output, the JSON that it is as text, or `{ text }`: the first that the contract's output accepts */
  readonly result?: (output: unknown, view: View) => Result | Promise<Result>;
}

/**
 * The agent of a contract whose work a framework does. Every adapter of this package is this function around a `Framework`.
 *
 * @example
 * const shout: Framework = { run: ({ prompt }) => Promise.resolve({ output: prompt.toUpperCase() }) };
 * const agent = adaptAgent(assistant, shout);
 */
export function adaptAgent<View, Result, Prompt = string>(
  contract: Contract<View, Result>,
  framework: Framework<Prompt>,
  options: AdapterOptions<View, Result, Prompt> = {},
): Agent {
  const { name, writes } = contract.spec;
  return contract.implement(async (task) => {
    const { signal, context } = task;
    const { resumed, roundsLeft } = standingIn(context, writes);
    const prompt =
      options.prompt === undefined
        ? // Every framework here takes a text, too.
          (promptOf(context, writes) as Prompt)
        : await options.prompt(context, task);
    const turn: Turn<Prompt> = {
      prompt,
      ...(resumed !== undefined && { resumed }),
      signal,
      say: (text) => {
        if (!signal.aborted && text !== "") task.progress(text);
      },
      task,
    };
    const ended = await inTime(signal, name, () => framework.run(turn));
    const usage = ended.usage === undefined ? {} : { usage: ended.usage };
    if ("checkpoint" in ended) {
      // The contract's output has it: `defineInterruptible` put it there, and the door checks.
      return answered({ result: interruptedBy(ended, name, roundsLeft) as Result, ...usage });
    }
    const result =
      options.result === undefined
        ? ((await fittingResult(contract.output, ended.output)) as Result) // the door checks it
        : await options.result(ended.output, context);
    return answered({ result, ...usage });
  });
}

/** Ends with the signal, whether or not the framework listens to it. */
async function inTime<T>(signal: AbortSignal, agent: string, work: () => Promise<T>): Promise<T> {
  const tooLate = () =>
    new SpineError("agent.timeout", `The agent "${agent}" was stopped.`, { retryable: true });
  if (signal.aborted) throw tooLate();
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(tooLate());
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work(), stopped]);
  } catch (error) {
    if (signal.aborted) throw tooLate();
    throw failureOf(error);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** What the request says is wrong with itself is wrong the next time, too. */
const PASSING_STATUS = [408, 409, 425, 429];

/** Whether trying again makes sense, as far as the error says so: by `isRetryable`, as the AI SDK has it, or by an HTTP status. */
function failureOf(error: unknown): unknown {
  if (isSpineError(error) || typeof error !== "object" || error === null) return error;
  const { isRetryable, status, statusCode } = error as Readonly<Record<string, unknown>>; // read as unknown
  const code = typeof status === "number" ? status : statusCode;
  const refused = typeof code === "number" && code >= 400 && code < 500 && !PASSING_STATUS.includes(code);
  if (isRetryable !== false && !refused) return error;
  return new SpineError("agent.failed", messageOf(error), { retryable: false, cause: error });
}
