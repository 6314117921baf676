import { fileURLToPath } from "node:url";
import type { Dialogue } from "../../../scripts/replay/dialogue-schema.ts";
import { readConversations } from "../../../scripts/replay/dialogues.ts";

export const FIXTURES = fileURLToPath(new URL("../../fixtures/sgd", import.meta.url));

export const { services, dialogues } = readConversations(FIXTURES);

export function dialogueNamed(id: string): Dialogue {
  const found = dialogues.find((dialogue) => dialogue.dialogue_id === id);
  if (found === undefined) throw new Error(`No fixture ${id}`);
  return found;
}

/** The dialogue with everything that is annotated from turn `from` on turned into something else. */
export function falsifiedFrom(dialogue: Dialogue, from: number): Dialogue {
  const turns = dialogue.turns.map((turn, at) => (at < from ? turn : falsified(turn)));
  return { ...dialogue, turns };
}

function falsified<Turn>(turn: Turn): Turn {
  const text = JSON.stringify(turn, (key, value: unknown) => {
    if (key === "values" || key === "canonical_values") return ["falsified"];
    if (key === "slot_values") return { falsified: ["falsified"] };
    if (key === "parameters") return { falsified: "falsified" };
    if (key === "service_results") return [{ falsified: "falsified" }];
    if (key === "act") return value === "AFFIRM" ? "NEGATE" : "AFFIRM";
    return value;
  });
  // The same shape with other texts in it.
  return JSON.parse(text) as Turn;
}
