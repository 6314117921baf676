import { describe, expect, it } from "vitest";
import {
  alarmMeaning,
  alarmRow,
  alarmsInOrder,
  breakerTexts,
  isOpenLetter,
  limitRows,
} from "#console/model/health-rows.ts";

const MINUTE = 60_000;
const NOW = 100 * MINUTE;

describe("rows of the health view", () => {
  it("tell when a breaker opened and closed, and for how long it was open", () => {
    const changes = [
      { at: NOW - 2 * MINUTE, to: "open" },
      { at: NOW - 40 * MINUTE, to: "closed" },
      { at: NOW - 45 * MINUTE, to: "open" },
      { at: NOW - 50 * MINUTE, to: "closed" },
    ] as const;
    expect(breakerTexts(changes, NOW)).toEqual([
      "opened 2 min ago",
      "closed 40 min ago, after 5 min",
      "opened 45 min ago",
      "closed 50 min ago",
    ]);
  });

  it("have alarms that ring on top, then those without data", () => {
    const alarm = (name: string, state: "ok" | "alarm" | "insufficient-data") => ({
      name,
      state,
      since: 0,
      description: "",
    });
    const ordered = alarmsInOrder([
      alarm("a", "ok"),
      alarm("d", "insufficient-data"),
      alarm("c", "alarm"),
      alarm("b", "alarm"),
    ]);
    expect(ordered.map(({ name }) => name)).toEqual(["b", "c", "d", "a"]);
  });

  it("name the row of docs/operations.md that an alarm has", () => {
    expect(["agent-quotes-stuck", "sub-crm-letters", "parked-letters"].map(alarmRow)).toEqual([
      "agent-NAME-stuck",
      "sub-NAME-letters",
      "parked-letters",
    ]);
    expect(alarmMeaning("Event Spine: dead letters wait. See docs/operations.md.")).toBe(
      "dead letters wait.",
    );
  });

  it("have a deployment's bounds, and say which is reached", () => {
    const queue = (name: string, inFlight: number) => ({ name, inFlight, visible: 0, deadLetters: 0 });
    const rows = limitRows(
      { events: [{ tenant: "shop", perSecond: 5, burst: 10, left: 0 }], streams: { total: 8, perTenant: 8 } },
      [queue("inbox.fifo", 3), queue("agent-a.fifo", 120_000), queue("intake", 200_000)],
    );
    expect(rows).toEqual([
      { name: "events of shop", most: "5 a second, 10 at once", used: "0 left", isReached: true },
      { name: "open streams of events", most: "8 at once" },
      {
        name: "SQS: messages in flight in one FIFO queue",
        most: "120,000",
        used: "120,000 messages, agent-a.fifo",
        isReached: true,
      },
    ]);
    const others = limitRows({ events: [{ tenant: "*", perSecond: 1, burst: 1 }], tasksInFlight: 4 }, []);
    expect(others).toEqual([
      { name: "events of each other tenant", most: "1 a second, 1 at once" },
      { name: "tasks of one tenant in a lane of an agent", most: "4 at once" },
    ]);
  });

  it("leave what was redriven, closed or expired to nobody", () => {
    const states = ["kept", "recorded", "parked", "lost", "redriven", "discarded", "expired"];
    expect(states.filter((state) => isOpenLetter({ state }))).toEqual(["kept", "recorded", "parked", "lost"]);
  });
});
