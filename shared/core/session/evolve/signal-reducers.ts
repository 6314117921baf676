import { inForm } from "../stored-flows.ts";
import { SIGNAL_FORM } from "../signal/task-signal.ts";
import type { SessionState } from "../state.ts";
import { noteId, patchTask, taskOf } from "./patch.ts";
import type { ReducersOf } from "./reducers.ts";

export const signalReducers: ReducersOf<"TaskSignalled" | "SignalIgnored"> = {
  TaskSignalled: (state, { input, tasks }, sequence) =>
    tasks.reduce(
      (signalled: SessionState, id) => {
        const { signals = [] } = taskOf(signalled, id);
        const { name, data } = input;
        return patchTask(signalled, id, {
          signals: [...signals, { number: signals.length + 1, name, data }],
        });
      },
      noteId(inForm(state, SIGNAL_FORM), input, sequence),
    ),
  SignalIgnored: (state, { input }, sequence) => noteId(inForm(state, SIGNAL_FORM), input, sequence),
};
