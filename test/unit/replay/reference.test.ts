import { describe, expect, it } from "vitest";
import { annotatedResults, runPlainly, userTurns } from "../../../scripts/replay/reference.ts";
import { addScores, NOTHING, sameCalls, scoreDialogue } from "../../../scripts/replay/score.ts";
import { serviceContract } from "../../../scripts/replay/service-contract.ts";
import { serveTurn } from "../../../scripts/replay/service-agent.ts";
import { understand } from "../../../scripts/replay/understanding.ts";
import { dialogueNamed, dialogues, falsifiedFrom, services } from "./fixture.ts";

describe("the plain run of a dialogue", () => {
  it("reaches every annotated state and makes exactly the annotated calls", () => {
    const scores = dialogues.map((dialogue) => scoreDialogue(dialogue, runPlainly(dialogue, services)));
    expect(scores.reduce(addScores, NOTHING)).toEqual({
      calls: { expected: 14, made: 14, exact: 14, byReference: 6 },
      states: { expected: 33, matched: 33 },
    });
  });

  it("does not depend on anything said later", () => {
    for (const dialogue of dialogues)
      for (const { turn } of userTurns(dialogue)) {
        const upTo = (run: typeof dialogue) => runPlainly(run, services).filter((one) => one.turn <= turn);
        expect(upTo(falsifiedFrom(dialogue, turn + 2))).toEqual(upTo(dialogue));
      }
  });

  it("depends on what is said in the turn itself", () => {
    const dialogue = dialogueNamed("01_cabin_and_ferry");
    expect(sameCalls(runPlainly(falsifiedFrom(dialogue, 12), services), runPlainly(dialogue, services))).toBe(
      false,
    );
  });

  it("makes its calls with the services' answers, not with the annotation", () => {
    const text = JSON.stringify(dialogueNamed("01_cabin_and_ferry"));
    const renamed = text.replaceAll(
      '"cabin_name":"Gull House","nightly',
      '"cabin_name":"Tern House","nightly',
    );
    // Only the row of the search is renamed, and the pair that tells how the state writes it.
    const dialogue = JSON.parse(
      renamed.replaceAll('"canonical_values":["Gull House"]', '"canonical_values":["Tern House"]'),
    ) as (typeof dialogues)[number];
    expect(runPlainly(dialogue, services).flatMap(({ calls }) => calls)[1]?.parameters["cabin_name"]).toBe(
      "Tern House",
    );
  });

  it("writes sections that their contracts accept", () => {
    for (const dialogue of dialogues) {
      const sections: Record<string, unknown> = {};
      for (const input of userTurns(dialogue)) {
        const understanding = understand(dialogue.turns.slice(0, input.turn + 1), services);
        for (const service of services.values()) {
          const { output, writes } = serviceContract(service, services.values());
          const view = { ...sections, input, understanding };
          sections[writes] = serveTurn(service, view, annotatedResults(dialogue, input.turn));
          expect(output.parse(sections[writes])).toEqual(sections[writes]);
        }
      }
    }
  });
});

describe("the stub of the services", () => {
  const results = (turn: number) => annotatedResults(dialogueNamed("04_offers_run_out"), turn);

  it("returns the annotated result for the annotated call only", () => {
    expect(results(0)("Cabins_1", "FindCabin", { region: "Vega" })).toHaveLength(1);
    expect(results(0)("Cabins_1", "FindCabin", { region: "Vega", sauna: "True" })).toEqual([]);
    expect(results(0)("Guides_1", "FindCabin", { region: "Vega" })).toEqual([]);
  });

  it("answers a call as annotated up to that turn, not earlier", () => {
    expect(results(2)("Cabins_1", "FindCabin", { region: "Vega" })).toEqual([]);
    expect(results(2)("Cabins_1", "FindCabin", { region: "Lofoten" })).toEqual([]);
    expect(results(4)("Cabins_1", "FindCabin", { region: "Lofoten" })).toHaveLength(1);
  });
});

describe("a service's contract", () => {
  it("is generated from its schema", () => {
    const [cabins, ferries] = [...services.values()];
    if (!cabins || !ferries) throw new Error("The fixtures have lost their services");
    const contract = serviceContract(cabins, services.values());
    expect(contract).toMatchObject({
      name: "cabins_1",
      reads: ["input", "understanding", "cabins_1", "ferries_1", "guides_1", "purse_1"],
      writes: "cabins_1",
      effect: "once",
    });
    expect(serviceContract(ferries, services.values()).effect).toBe("none");
    const section = { turn: 0, intent: "FindCabin", slots: {}, offers: [], shown: [] };
    expect(contract.output.safeParse(section).success).toBe(true);
    expect(contract.output.safeParse({ ...section, intent: "FindFerry" }).success).toBe(false);
    expect(contract.output.safeParse({ ...section, slots: { fare: { value: "1" } } }).success).toBe(false);
  });
});
