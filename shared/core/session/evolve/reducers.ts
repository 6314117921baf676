import type { SessionEvents, SessionEventType } from "../events.ts";
import type { SessionState } from "../state.ts";

export type ReducersOf<Types extends SessionEventType> = {
  readonly [Type in Types]: (
    state: SessionState,
    data: SessionEvents[Type],
    sequence: number,
  ) => SessionState;
};
