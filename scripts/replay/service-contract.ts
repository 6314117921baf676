import * as z from "zod";
import type { Intent, Service } from "./dialogue-schema.ts";

/** The section of the context that a service's agent writes, and the agent's name. */
export function sectionOf(service: string): string {
  return service.toLowerCase().replaceAll(/[^a-z0-9_]/g, "_");
}

const slotState = z.object({
  value: z.string(),
  /** There if the value came through a reference: the user meant it without saying it. */
  reference: z.literal(true).optional(),
});

const call = z.object({
  method: z.string(),
  parameters: z.record(z.string(), z.string()),
  /** The parameters whose values came through references. */
  references: z.array(z.string()),
});

/** What a service's agent keeps: plain JSON, with the last offers only. */
const section = z.object({
  /** The turn that this section is the outcome of. */
  turn: z.number().int().min(0),
  intent: z.string(),
  slots: z.record(z.string(), slotState),
  /** What the service found last, and which of it the user has been shown, by position. */
  offers: z.array(z.record(z.string(), z.string())),
  shown: z.array(z.number().int().min(0)),
  /** What a "yes" would agree to: defaults that the user has not spoken about, or what the service proposed instead. */
  proposal: z.object({ values: z.record(z.string(), z.string()), alternative: z.boolean() }).optional(),
  /** The call made in this turn, if any. */
  call: call.optional(),
});

export type Section = z.infer<typeof section>;
export type SlotState = z.infer<typeof slotState>;
export type ServiceCall = z.infer<typeof call>;

/** A service's contract as `defineAgent` takes it, generated from its entry in schema.json. */
export interface ServiceContract {
  readonly name: string;
  readonly reads: readonly string[];
  readonly writes: string;
  readonly output: z.ZodType<Section>;
  readonly effect: "none" | "once";
}

/**
 * The contract of one service. It reads the sections of all the services of schema.json: the user may mean a slot of any
 * of them. A service with a transactional intent acts on the outside world.
 */
export function serviceContract(service: Service, services: Iterable<Service>): ServiceContract {
  const slots = new Set(service.slots.map((slot) => slot.name));
  const intents = new Set(["NONE", ...service.intents.map((intent) => intent.name)]);
  const name = sectionOf(service.service_name);
  return {
    name,
    reads: serviceReads(services),
    writes: name,
    output: section
      .refine((value) => intents.has(value.intent), {
        path: ["intent"],
        error: "is not an intent of the service",
      })
      .refine((value) => Object.keys(value.slots).every((slot) => slots.has(slot)), {
        path: ["slots"],
        error: "contains a slot that the service does not have",
      }),
    effect: service.intents.some((intent) => intent.is_transactional) ? "once" : "none",
  };
}

/** The context paths that every service's agent reads. */
export function serviceReads(services: Iterable<Service>): readonly string[] {
  return ["input", "understanding", ...[...services].map((service) => sectionOf(service.service_name))];
}

/** The slots that a call of this intent may carry. */
export function inputsOf(intent: Intent): readonly string[] {
  return [...intent.required_slots, ...Object.keys(intent.optional_slots)];
}

export function intentOf(service: Service, name: string): Intent | undefined {
  return service.intents.find((intent) => intent.name === name);
}
