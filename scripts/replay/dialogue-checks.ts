import { RESERVED_SECTIONS } from "#core/contract.ts";
import { isSpineError } from "#core/errors.ts";
import { parseAgentName, parseSessionId } from "#core/ids.ts";
import { conversationError } from "./conversation-error.ts";
import type { Complaint } from "./conversation-error.ts";
import type { Dialogue, Service, Turn } from "./dialogue-schema.ts";
import { sectionOf } from "./service-contract.ts";

const TAKEN = [...RESERVED_SECTIONS, "understanding"];

/** Every service becomes an agent with a section of its own: names must not meet in one section. */
export function checkServices(file: string, services: readonly Service[]): void {
  const sections = new Set(TAKEN);
  for (const [index, service] of services.entries()) {
    const section = sectionOf(service.service_name);
    if (sections.has(section))
      throw conversationError({
        code: "replay.sameName",
        file,
        path: [index, "service_name"],
        problem: `"${service.service_name}" would write the section "${section}", which is already taken`,
        repair: "Rename the service; names are compared in lower case",
      });
    sections.add(section);
    const fault = faultOf(() => parseAgentName(section));
    if (fault !== undefined)
      throw conversationError({
        code: "replay.badName",
        file,
        path: [index, "service_name"],
        problem: `"${service.service_name}" does not make a valid agent name: "${section}"`,
        repair: `Rename the service. ${fault}`,
      });
    checkIntents(file, index, service);
  }
}

/** How to repair a name that the spine does not take. */
function faultOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (!isSpineError(error, "id.invalid")) throw error;
    return (error.problems[0]?.repair ?? error.message).replace(/\.$/, "");
  }
}

function checkIntents(file: string, index: number, service: Service): void {
  const slots = new Set(service.slots.map((slot) => slot.name));
  for (const [at, intent] of service.intents.entries())
    for (const slot of [...intent.required_slots, ...Object.keys(intent.optional_slots)])
      if (!slots.has(slot))
        throw conversationError({
          code: "replay.unknownSlot",
          file,
          path: [index, "intents", at],
          problem: `intent ${intent.name} takes "${slot}", which ${service.service_name} does not have`,
          repair: `Add "${slot}" to the slots of ${service.service_name}, or take it out of the intent`,
        });
}

export interface DialogueToCheck {
  readonly file: string;
  readonly index: number;
  readonly dialogue: Dialogue;
  readonly services: ReadonlyMap<string, Service>;
}

/** What a schema cannot say of one file alone: turns alternate, and what they name is in schema.json. */
export function checkDialogue({ file, index, dialogue, services }: DialogueToCheck): void {
  const complain = (complaint: Omit<Complaint, "file">) =>
    conversationError({ ...complaint, file, path: [index, ...(complaint.path ?? [])] });
  const fault = faultOf(() => parseSessionId(dialogue.dialogue_id));
  if (fault !== undefined)
    throw complain({
      code: "replay.badName",
      path: ["dialogue_id"],
      problem: `"${dialogue.dialogue_id}" cannot name a session`,
      repair: fault,
    });
  for (const [at, name] of dialogue.services.entries())
    if (!services.has(name)) throw complain(unknownService(["services", at], name));
  for (const [at, turn] of dialogue.turns.entries()) {
    const speaker = at % 2 === 0 ? "USER" : "SYSTEM";
    if (turn.speaker !== speaker)
      throw complain({
        code: "replay.badShape",
        path: ["turns", at, "speaker"],
        problem: `is ${turn.speaker}, but ${speaker} must speak`,
        repair: "A dialogue starts with the USER, and then the two take turns",
      });
    for (const complaint of frameComplaints(turn, services))
      throw complain({ ...complaint, path: ["turns", at, "frames", ...(complaint.path ?? [])] });
  }
}

function* frameComplaints(
  turn: Turn,
  services: ReadonlyMap<string, Service>,
): Generator<Omit<Complaint, "file">> {
  for (const [at, frame] of turn.frames.entries()) {
    const service = services.get(frame.service);
    if (service === undefined) {
      yield unknownService([at, "service"], frame.service);
      continue;
    }
    const intents = service.intents.map((intent) => intent.name);
    if ("state" in frame) {
      const { active_intent } = frame.state;
      if (active_intent !== "NONE" && !intents.includes(active_intent))
        yield unknownIntent([at, "state", "active_intent"], active_intent, service);
      for (const slot of Object.keys(frame.state.slot_values))
        if (!service.slots.some(({ name }) => name === slot))
          yield {
            code: "replay.unknownSlot",
            path: [at, "state", "slot_values", slot],
            problem: `is not a slot of ${service.service_name} in schema.json`,
            repair: "Use the schema.json that belongs to this dialogue file",
          };
    } else if (frame.service_call !== undefined && !intents.includes(frame.service_call.method))
      yield unknownIntent([at, "service_call", "method"], frame.service_call.method, service);
  }
}

function unknownService(path: readonly PropertyKey[], name: string): Omit<Complaint, "file"> {
  return {
    code: "replay.unknownService",
    path,
    problem: `"${name}" is not a service of schema.json`,
    repair: "Use the schema.json that belongs to this dialogue file",
  };
}

function unknownIntent(
  path: readonly PropertyKey[],
  name: string,
  service: Service,
): Omit<Complaint, "file"> {
  return {
    code: "replay.unknownIntent",
    path,
    problem: `"${name}" is not an intent of ${service.service_name} in schema.json`,
    repair: `Use one of ${service.intents.map((intent) => intent.name).join(", ")}`,
  };
}
