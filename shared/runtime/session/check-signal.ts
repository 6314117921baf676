import type { Application } from "#core/flow/compile.ts";
import { problemsText, type Problem } from "#core/problems.ts";
import { signalsOf } from "#core/session/decide/signal.ts";
import type { FlowBook } from "#core/session/decide/draft.ts";
import { refused, type Verdict } from "#core/session/decide/verdict.ts";
import type { SignalInput } from "#core/session/input.ts";
import { addressedTasks, takesSignals } from "#core/session/signal/signalled-tasks.ts";
import type { Seen } from "#core/session/seen.ts";
import type { SessionState } from "#core/session/state.ts";
import { asJson, validate } from "./validate.ts";

export interface CheckedSignal {
  readonly input: SignalInput;
  readonly problems: readonly Problem[];
  /** Where it does not fit. */
  readonly verdict?: Verdict;
}

/**
 * Holds a signal against the schemas of the agents that would be told. What does not fit is refused, and nobody is told. Where one agent is meant it is
 * told what its schema made of the data, as an agent's result is; several are told what was sent.
 */
export async function checkSignal(
  application: Application,
  state: SessionState,
  input: SignalInput,
  { book }: { readonly seen: Seen; readonly book: FlowBook },
): Promise<CheckedSignal> {
  const meant = addressedTasks(state, input.to)
    .filter(takesSignals)
    .filter((task) => signalsOf({ state, book }, task).includes(input.name));
  const agents = [...new Set(meant.map(({ agent }) => agent))];
  let made = input.data;
  for (const agent of agents) {
    const { signals = {} } = application.contracts.get(agent) ?? {};
    const schema = Object.hasOwn(signals, input.name) ? signals[input.name] : undefined;
    // Its run began under a contract that the application does not have any more.
    if (schema === undefined) continue;
    const fitting = await validate(schema, input.data, "data");
    const checked = fitting.ok ? asJson(fitting.value, "data") : fitting;
    if (!checked.ok) {
      const message = `The signal does not fit "${input.name}" of ${agent}. ${problemsText(checked.problems)}.`;
      return { input, problems: checked.problems, verdict: refused("input.schema", message) };
    }
    made = checked.value;
  }
  return { input: agents.length === 1 ? { ...input, data: made } : input, problems: [] };
}
