import { describe, expect, it } from "vitest";
import { said } from "../../../scripts/replay/recollection.ts";
import { sectionOf } from "../../../scripts/replay/service-contract.ts";
import { understand } from "../../../scripts/replay/understanding.ts";
import { dialogueNamed, dialogues, falsifiedFrom, services } from "./fixture.ts";

const userTurns = dialogues.flatMap((dialogue) =>
  dialogue.turns.flatMap((turn, at) => (turn.speaker === "USER" ? [{ dialogue, turn, at }] : [])),
);

const understood = (id: string, at: number) => understand(dialogueNamed(id).turns.slice(0, at + 1), services);

describe("the stub of the model", () => {
  it("passes on no text but the names and values in that turn's user acts", () => {
    const names = new Set<unknown>(["NONE"]);
    for (const service of services.values()) {
      names.add(sectionOf(service.service_name));
      for (const { name } of [...service.slots, ...service.intents]) names.add(name);
    }
    for (const { dialogue, turn, at } of userTurns) {
      const carried = new Set<unknown>(turn.frames.flatMap((frame) => [...said(frame.actions).values()]));
      const understanding = understand(dialogue.turns.slice(0, at + 1), services);
      for (const text of textsIn(understanding))
        expect(names.has(text) || carried.has(text), String(text)).toBe(true);
    }
  });

  it("never passes on a value of the annotated state", () => {
    for (const { dialogue, turn, at } of userTurns) {
      const frames = turn.frames.map((frame) => {
        const slots = Object.keys(frame.state.slot_values).map((slot) => [slot, ["falsified"]]);
        return { ...frame, state: { ...frame.state, slot_values: Object.fromEntries(slots) } };
      });
      const turns = [...dialogue.turns.slice(0, at), { ...turn, frames }];
      expect(JSON.stringify(understand(turns, services))).not.toContain("falsified");
    }
  });

  it("names the service and slot of values that the user carries over to another service", () => {
    expect(understood("01_cabin_and_ferry", 10).requests["ferries_1"]?.told).toEqual([
      { slot: "to_region", from: { service: "cabins_1", slot: "region" } },
      { slot: "sail_date", from: { service: "cabins_1", slot: "arrival_date" } },
    ]);
  });

  it("names the offer that the user accepts", () => {
    expect(understood("01_cabin_and_ferry", 4).requests["cabins_1"]?.told).toEqual([
      { slot: "cabin_name", from: { offer: "cabins_1", item: 1, slot: "cabin_name" } },
    ]);
  });

  it("names the source of a suggestion that the user accepts", () => {
    const { told, affirmed } = understood("04_offers_run_out", 10).requests["ferries_1"] ?? {};
    expect(affirmed).toBe(true);
    expect(told?.[1]).toMatchObject({ slot: "to_region", from: { slot: "region" } });
  });

  it("orders a service after those that it refers to", () => {
    expect(dialogueNamed("04_offers_run_out").turns[6]?.frames[0]?.service).toBe("Guides_1");
    expect(understood("04_offers_run_out", 6).order).toEqual(["cabins_1", "guides_1"]);
  });

  it("reports which slots of an earlier request were dropped", () => {
    expect(understood("03_two_transfers", 6).requests["purse_1"]?.forgotten).toEqual(["sum", "public"]);
  });

  it("leaves out a slot whose value was never mentioned", () => {
    const turns = falsifiedFrom(dialogueNamed("01_cabin_and_ferry"), 0).turns.slice(0, 10);
    const turn = dialogueNamed("01_cabin_and_ferry").turns[10];
    const requests = turn && understand([...turns, turn], services).requests;
    expect(requests?.["ferries_1"]?.told).toEqual([]);
  });
});

function textsIn(value: unknown): readonly unknown[] {
  if (typeof value !== "object" || value === null) return typeof value === "string" ? [value] : [];
  return Object.values(value).flatMap(textsIn);
}
