import { describe, expect, it } from "vitest";
import { reply } from "#core/flow/build.ts";
import { inProcessSpine } from "#testing/index.ts";
import { flowOf } from "./engine.ts";

const spineWith = (trouble: string[] = []) =>
  inProcessSpine({
    flows: [flowOf(reply("input"), { onBusy: "queue" })],
    agents: [],
    onTrouble: (error) => void trouble.push(String(error)),
  });

describe("an event that is put on the bus of the in-process spine", () => {
  it("reaches its session through intake and inbox once, however often it is sent", async () => {
    const spine = spineWith();
    await spine.put("Asked", { n: 1 }, { session: "a", id: "e-1" });
    await spine.put("Asked", { n: 1 }, { session: "a", id: "e-1" });
    await spine.idle();
    const events = await spine.reader.events(spine.key("a"));
    expect(events.filter(({ type }) => type === "InputAccepted")).toHaveLength(1);
    await spine.close();
  });

  it("is reported as a letter when it has no valid receiver", async () => {
    const trouble: string[] = [];
    const spine = spineWith(trouble);
    await spine.put("Sung", {}, { session: "a" });
    await spine.idle();
    expect(trouble.join("\n")).toContain("a letter of intake is nobody's");
    await spine.close();
  });
});
