import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createKiller, planKills, type KillGroup } from "../../../scripts/replay/kills.ts";
import { createRandom } from "#memory/seeded-random.ts";

const only = (own: string): KillGroup => ({ name: own, has: (name) => name === own });
const GROUPS = [
  only("door"),
  only("relay"),
  { name: "agents", has: (name: string) => name.startsWith("agent-") },
];

describe("a plan of kills", () => {
  const plan = (seed: number, count = 50) => planKills({ count, groups: GROUPS, random: createRandom(seed) });

  it("gives each group its share, spread over the replay", () => {
    const moments = GROUPS.map((group) => plan(1).flatMap((one) => (one.group === group ? [one.from] : [])));
    expect(moments.map(({ length }) => length).toSorted()).toEqual([16, 17, 17]);
    for (const own of moments) {
      expect(own).toEqual(own.toSorted((a, b) => a - b));
      expect(own.filter((from) => from < 0.4).length).toBeGreaterThanOrEqual(8);
      expect(Math.max(...own)).toBeLessThan(0.7);
    }
  });

  it("is the same for the same seed, and different for another", () => {
    expect(plan(7)).toEqual(plan(7));
    expect(plan(7)).not.toEqual(plan(8));
  });
});

describe("a killer", () => {
  function killerOf(count: number, groups: readonly KillGroup[], atWork: () => boolean = () => true) {
    const killed: string[] = [];
    const kill = (name: string) => {
      if (atWork()) killed.push(name);
      return atWork();
    };
    return { killer: createKiller({ count, groups, random: createRandom(1), kill }), killed };
  }
  /** More requests than any kill lets pass, and more time than any lets go by. */
  const request = async (killer: ReturnType<typeof createKiller>, caller: string) => {
    for (let at = 0; at < 20; at += 1) killer.onRequest({ caller });
    await pause(30);
  };

  it("strikes when its function makes a request, once the replay has progressed far enough", async () => {
    const { killer, killed } = killerOf(1, [only("door")]);
    await request(killer, "door");
    expect(killed).toEqual([]);
    killer.progress(1);
    await request(killer, "relay");
    expect(killed).toEqual([]);
    await request(killer, "door");
    await request(killer, "door");
    expect(killed).toEqual(["door"]);
    expect(killer.kills).toEqual({ asked: 1, byFunction: { door: 1 } });
  });

  it("counts a group's kills by the function that was hit", async () => {
    const { killer } = killerOf(2, [GROUPS[2] ?? only("agents")]);
    killer.progress(1);
    await request(killer, "agent-banks");
    await request(killer, "agent-buses");
    expect(killer.kills.byFunction).toEqual({ "agent-banks": 2 });
  });

  it("tries again when no process was working", async () => {
    let atWork = false;
    const { killer, killed } = killerOf(1, [only("door")], () => atWork);
    killer.progress(1);
    await request(killer, "door");
    expect(killer.kills.byFunction).toEqual({});
    atWork = true;
    await request(killer, "door");
    expect(killed).toEqual(["door"]);
  });

  it("strikes no more once it is stopped", async () => {
    const { killer, killed } = killerOf(3, [only("door")]);
    killer.progress(1);
    killer.stop();
    await request(killer, "door");
    expect(killed).toEqual([]);
  });
});
