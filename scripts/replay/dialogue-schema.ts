import * as z from "zod";

/*
 * The form of the Schema-Guided Dialogue files, as far as a replay reads them; the rest (spans, descriptions) is dropped.
 */

const action = z.object({
  act: z.string(),
  slot: z.string(),
  values: z.array(z.string()),
  canonical_values: z.array(z.string()),
});

const state = z.object({
  active_intent: z.string(),
  slot_values: z.record(z.string(), z.array(z.string())),
});

const serviceCall = z.object({ method: z.string(), parameters: z.record(z.string(), z.string()) });

const userTurn = z.object({
  speaker: z.literal("USER"),
  utterance: z.string(),
  frames: z.array(z.object({ service: z.string(), actions: z.array(action), state })),
});

const systemTurn = z.object({
  speaker: z.literal("SYSTEM"),
  utterance: z.string(),
  frames: z.array(
    z.object({
      service: z.string(),
      actions: z.array(action),
      service_call: serviceCall.optional(),
      service_results: z.array(z.record(z.string(), z.string())).optional(),
    }),
  ),
});

const dialogue = z.object({
  dialogue_id: z.string().min(1),
  services: z.array(z.string()),
  turns: z.array(z.discriminatedUnion("speaker", [userTurn, systemTurn])),
});

const intent = z.object({
  name: z.string().min(1),
  is_transactional: z.boolean(),
  required_slots: z.array(z.string()),
  optional_slots: z.record(z.string(), z.string()),
});

const service = z.object({
  service_name: z.string().min(1),
  description: z.string(),
  slots: z.array(z.object({ name: z.string().min(1), is_categorical: z.boolean() })),
  intents: z.array(intent),
});

export const dialoguesFile = z.array(dialogue);
export const schemaFile = z.array(service);

export type Action = z.infer<typeof action>;
export type UserTurn = z.infer<typeof userTurn>;
export type UserFrame = UserTurn["frames"][number];
export type Turn = z.infer<typeof dialogue>["turns"][number];
export type Dialogue = z.infer<typeof dialogue>;
export type Intent = z.infer<typeof intent>;
export type Service = z.infer<typeof service>;
/** One answer of a service: slot to canonical value. */
export type Row = Readonly<Record<string, string>>;
