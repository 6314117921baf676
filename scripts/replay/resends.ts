import type { Dialogue } from "./dialogue-schema.ts";
import { shuffled } from "#memory/seeded-random.ts";
import type { Random } from "#memory/seeded-random.ts";
import { userTurns } from "./reference.ts";

/** An input of a dialogue that is sent a second time, by its position among the dialogue's inputs. */
export interface Resend {
  readonly input: number;
  /** Beside the first one, or after the reply to this input: its own or a later one. */
  readonly after: "at-once" | number;
}

/** Chooses the given share of all inputs to be sent twice: half of them at once, the others later. */
export function planResends(
  dialogues: readonly Dialogue[],
  share: number,
  random: Random,
): ReadonlyMap<string, readonly Resend[]> {
  const inputs = dialogues.flatMap((dialogue) => {
    const turns = userTurns(dialogue);
    return turns.map((_turn, input) => ({ dialogue: dialogue.dialogue_id, input, count: turns.length }));
  });
  const plan = new Map<string, Resend[]>();
  for (const { dialogue, input, count } of shuffled(inputs, random).slice(
    0,
    Math.round(share * inputs.length),
  )) {
    const after = random() < 0.5 ? "at-once" : input + Math.floor(random() * (count - input));
    plan.set(dialogue, [...(plan.get(dialogue) ?? []), { input, after }]);
  }
  return plan;
}
