import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type * as z from "zod";
import { conversationError } from "./conversation-error.ts";
import { dialoguesFile, schemaFile } from "./dialogue-schema.ts";
import type { Dialogue, Service } from "./dialogue-schema.ts";
import { checkDialogue, checkServices } from "./dialogue-checks.ts";

export type Services = ReadonlyMap<string, Service>;

export interface Conversations {
  readonly services: Services;
  readonly dialogues: readonly Dialogue[];
}

const DIALOGUES = /^dialogues_.*\.json$/;

/**
 * Reads a folder of Schema-Guided Dialogue files: `schema.json` and `dialogues_*.json`, by name. Throws a
 * ConversationError for anything that a replay could not work with.
 */
export function readConversations(dir: string): Conversations {
  const files = list(dir);
  const named = files.filter((file) => DIALOGUES.test(file)).sort();
  if (named.length === 0)
    throw conversationError({
      code: "replay.noDialogues",
      file: dir,
      problem: "contains no dialogues_*.json",
      repair: "Name the folder that holds the dialogue files themselves, such as the dataset's dev folder",
    });
  if (!files.includes("schema.json"))
    throw conversationError({
      code: "replay.noSchema",
      file: dir,
      problem: "contains no schema.json",
      repair: "Put the schema.json of the same dataset folder beside the dialogue files",
    });
  const services = readServices(dir);
  return { services, dialogues: readDialogues(dir, named, services) };
}

function readServices(dir: string): Services {
  const file = join(dir, "schema.json");
  const services = parse(file, schemaFile);
  checkServices(file, services);
  return new Map(services.map((service) => [service.service_name, service]));
}

function readDialogues(dir: string, files: readonly string[], services: Services): readonly Dialogue[] {
  const found = new Map<string, Dialogue>();
  for (const name of files) {
    const file = join(dir, name);
    for (const [index, dialogue] of parse(file, dialoguesFile).entries()) {
      checkDialogue({ file, index, dialogue, services });
      if (found.has(dialogue.dialogue_id))
        throw conversationError({
          code: "replay.sameName",
          file,
          path: [index, "dialogue_id"],
          problem: `"${dialogue.dialogue_id}" is also the id of an earlier dialogue in this folder`,
          repair: "Give every dialogue an id of its own: it becomes the session",
        });
      found.set(dialogue.dialogue_id, dialogue);
    }
  }
  return [...found.values()];
}

function list(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch (cause) {
    throw conversationError({
      code: "replay.dirMissing",
      file: dir,
      problem: "is not a readable folder",
      repair: "Give the path of a folder with Schema-Guided Dialogue files",
      cause,
    });
  }
}

function parse<Schema extends z.ZodType>(file: string, schema: Schema): z.infer<Schema> {
  const parsed = schema.safeParse(json(file));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw conversationError({
    code: "replay.badShape",
    file,
    path: issue?.path ?? [],
    problem: issue?.message ?? "does not match the format of the dataset's files",
    repair: "Give this field the format that it has in the Schema-Guided Dialogue dataset",
    cause: parsed.error,
  });
}

function json(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw conversationError({
      code: "replay.badJson",
      file,
      problem: `cannot be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      repair: "Download the file again; it may be truncated",
      cause,
    });
  }
}
