import type { StandardSchemaV1 } from "@standard-schema/spec";

/**
 * What of an output fits a contract: the output itself, the JSON that it is as text (in a fence or without), or `{ text }` of it; the
 * output itself if none does, so that the log says what is wrong with it.
 */
export async function fittingResult(schema: StandardSchemaV1, output: unknown): Promise<unknown> {
  if (typeof output !== "string") return output;
  const parsed = jsonIn(output);
  for (const candidate of [...(parsed === undefined ? [] : [parsed]), { text: output }]) {
    const { issues } = await schema["~standard"].validate(candidate);
    if (issues === undefined) return candidate;
  }
  return parsed ?? output;
}

const FENCED = /^```(?:json)?\s*([\s\S]*?)\s*```$/;

function jsonIn(text: string): unknown {
  const trimmed = text.trim();
  try {
    return JSON.parse(FENCED.exec(trimmed)?.[1] ?? trimmed) as unknown;
  } catch {
    return undefined;
  }
}
