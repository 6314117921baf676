import { valueAt, withValueAt } from "#core/context/document.ts";
import { isJsonObject, sameJson, type JsonObject } from "#core/json.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import type { History } from "./history.ts";
import { pathsOf, withoutTrace } from "./sheet-paths.ts";
import type { Report } from "./violation.ts";

/**
 * A run with a sheet changes the session's context when it ends, and at no other time: completed, by all that its steps write;
 * failed or cancelled, by what its effects did and nobody undid.
 */
export function checkSheets(history: History, report: Report): void {
  const { events, contexts } = history;
  const runs = new Runs();
  for (const event of events) {
    const before = contexts[event.sequence - 1] ?? {};
    const after = contexts[event.sequence] ?? {};
    const run = runs.of(event);
    if (run !== undefined && runs.haveSheet.has(run)) {
      const wrong = changedSections(meantAfter(history, event, run, before), after);
      const where = `${event.type} of ${run} at ${event.sequence}`;
      if (wrong.length > 0) {
        const problem = `${where} leaves another ${wrong.join(", ")} than it should`;
        report("Fresh", "a run changes the session when it ends", problem);
      }
      for (const problem of forgotten(runs, event, run, before))
        report("Fresh", "what stands is known", `${where} ${problem}`);
    }
    runs.note(event, before, after);
  }
}

/** The session's context after an event of a run, by the rule alone. */
function meantAfter({ inputs }: History, event: RecordedEvent, run: string, before: JsonObject): JsonObject {
  const { type, data } = event;
  const own = sheetIn(before, run);
  const flow = inputs.get(run)?.flow;
  const promoted = (context: JsonObject, path: string): JsonObject => {
    const value = valueAt(own, path);
    return value === undefined ? withoutTrace(context, path) : withValueAt(context, path, value);
  };
  if (type === "RunCompleted" && flow !== undefined) {
    const all = pathsOf(flow);
    const covered = (path: string) => all.some((one) => !one.kept && path.startsWith(`${one.path}.`));
    return all
      .filter(({ path, kept }) => (kept ? valueAt(own, path) !== undefined : !covered(path)))
      .reduce((context, { path }) => promoted(context, path), before);
  }
  if (type === "RunFailed" || type === "RunCancelled") return (data.stands ?? []).reduce(promoted, before);
  return before;
}

const sheetIn = (context: JsonObject, run: string): JsonObject => {
  const own = context[`~${run}`] ?? null;
  return isJsonObject(own) ? own : {};
};

function changedSections(meant: JsonObject, after: JsonObject): readonly string[] {
  const sections = new Set([...Object.keys(meant), ...Object.keys(after)]);
  return [...sections].filter(
    (section) =>
      !section.startsWith("~") &&
      meant[section] !== after[section] &&
      !(
        meant[section] !== undefined &&
        after[section] !== undefined &&
        sameJson(meant[section], after[section])
      ),
  );
}

/** What an end of a run passes over: results of effects, and memories that changed under it. */
function forgotten(
  runs: Runs,
  { type, data }: RecordedEvent,
  run: string,
  before: JsonObject,
): readonly string[] {
  if (type === "RunFailed" || type === "RunCancelled") {
    const stands = data.stands ?? [];
    const slots = runs.effectsOf(run).filter((slot) => valueAt(before, slot) !== undefined);
    return slots
      .map((slot) => slot.slice(`~${run}.`.length))
      .filter((path) => !stands.includes(path))
      .map((path) => `forgets what the effect in ${path} did`);
  }
  if (type !== "RunCompleted") return [];
  return runs.overwritten(run).map((section) => `overwrites ${section}, which it has not seen`);
}

interface Effect {
  readonly run: string;
  readonly slot: string;
}

/** What events say of runs, told in order. */
class Runs {
  readonly haveSheet = new Set<string>();
  readonly #tasks = new Map<string, Effect & { readonly undoes?: string }>();
  readonly #effects = new Map<string, Effect>();
  /** When a session's section changed last. */
  readonly #changed = new Map<string, number>();
  /** By run: its kept sections, and when it wrote them last or took note of what had changed. */
  readonly #memories = new Map<string, Map<string, number>>();

  note({ type, data, sequence }: RecordedEvent, before: JsonObject, after: JsonObject): void {
    for (const section of changedSections(before, after)) this.#changed.set(section, sequence);
    if (type === "RunStarted" && data.sheet !== undefined) {
      this.haveSheet.add(data.run);
      this.#memories.set(data.run, new Map(data.sheet.keeps.map((section) => [section, 0])));
    }
    if (type === "TaskCreated") this.#tasks.set(data.task, data);
    if (type === "EffectClaimed") this.#claim(data.task);
    const isOutcome = type === "AnswerApplied" || type === "HumanAnswered" || type === "ValueFilled";
    if (isOutcome && data.task !== undefined) this.#undo(data.task);
    if (type === "DoubtSettled" && !data.happened) this.#effects.delete(data.task);
    for (const [run, memories] of this.#memories) {
      for (const section of memories.keys()) {
        const [then, now] = [sheetIn(before, run)[section], sheetIn(after, run)[section]];
        const noted = type === "KeptSectionChanged" && data.run === run && data.slot === `~${run}.${section}`;
        if (then !== now || noted) memories.set(section, now === undefined ? 0 : sequence);
      }
    }
  }

  of({ type, data }: RecordedEvent): string | undefined {
    if (type === "RunStarted") return undefined;
    if ("run" in data) return data.run;
    return "task" in data && data.task !== undefined ? this.#tasks.get(data.task)?.run : undefined;
  }

  effectsOf(run: string): readonly string[] {
    return [...this.#effects.values()].filter((effect) => effect.run === run).map(({ slot }) => slot);
  }

  overwritten(run: string): readonly string[] {
    const memories = [...(this.#memories.get(run) ?? [])];
    return memories.flatMap(([section, at]) =>
      at > 0 && (this.#changed.get(section) ?? 0) > at ? [section] : [],
    );
  }

  #claim(task: string): void {
    const found = this.#tasks.get(task);
    if (found !== undefined) this.#effects.set(task, found);
  }

  #undo(task: string): void {
    const undone = this.#tasks.get(task)?.undoes;
    if (undone !== undefined) this.#effects.delete(undone);
  }
}
