import { createMemoryWaitRoom } from "#memory/memory-wait-room.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { BOUNDS, describeWaitRoom } from "../wait-room.ts";

describeWaitRoom("memory", () => {
  const clock = createMovableClock(1_800_000_000_000);
  const room = createMemoryWaitRoom(BOUNDS, clock);
  return Promise.resolve({
    processes: [room, room],
    now: () => clock.now(),
    pass: (ms) => clock.advanceBy(ms),
  });
});
