import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";

/** What a fork does with one step. */
export interface ForkRow {
  readonly what: "reused" | "runs anew" | "ahead" | "in doubt";
  readonly step: string;
  readonly note: string;
}

const KINDS = [
  ["reused", "reused"],
  ["anew", "runs anew"],
  ["ahead", "ahead"],
  ["doubtful", "in doubt"],
] as const;

/** What a preview says that a fork would do, step by step; and what that cost where it was recorded. */
export function forkRows(plan: JsonObject): readonly ForkRow[] {
  return KINDS.flatMap(([field, what]) => {
    const steps = plan[field];
    return Array.isArray(steps)
      ? steps
          .filter(isJsonObject)
          .map((one) => ({ what, step: String(one["step"] ?? ""), note: noteOf(what, one) }))
      : [];
  });
}

function noteOf(what: ForkRow["what"], { from, agent, effect, differs }: JsonObject): string {
  switch (what) {
    case "reused":
      return `as recorded at event ${String(from ?? "")}${differs === true ? "; its agent would see something else, and its effect is not performed again" : ""}`;
    case "runs anew":
      return `${text(agent)}${effect === true ? ", which has an effect" : ""}`;
    case "ahead":
      return `${text(agent)}: reused, if it sees the same by then`;
    case "in doubt":
      return "its effect may have happened, and is not performed again";
  }
}

const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");
