import type { Figures } from "./figures.ts";
import type { Kills } from "./kills.ts";
import type { PlayedDialogue, Replay } from "./replay.ts";
import { addScores, compareCalls, countSameCalls, NOTHING, scoreDialogue } from "./score.ts";
import type { BareCall, Score } from "./score.ts";

const MOST_LINES = 12;

/** A replay for a reader: calls by service, what differs, and the figures. */
export function reportOn(replay: Replay, figures: Figures): string {
  const { states, reference, duplicates, gaps, lost, kills } = figures;
  return [
    ...table(replay.dialogues),
    "",
    `${figures.dialogues} dialogues, ${figures.turns} turns`,
    `states     ${states.matched} of ${states.expected} as annotated`,
    `reference  ${reference.equal} of ${reference.calls} calls equal to the plain run's`,
    `log        ${gaps} gaps, ${duplicates.applied} of ${duplicates.injected} duplicates applied, ${lost} lost`,
    ...(kills === undefined ? [] : killed(kills)),
    ...listed("Wrong", wrongs(replay)),
    ...listed("Different from the annotation", replay.dialogues.flatMap(otherThanAnnotated)),
  ].join("\n");
}

/** Calls by service. */
function table(dialogues: readonly PlayedDialogue[]): readonly string[] {
  const scores = new Map<string, Score["calls"]>();
  for (const { dialogue, outcomes } of dialogues)
    for (const service of dialogue.services) {
      const own = outcomes.map((outcome) => ({
        ...outcome,
        calls: outcome.calls.filter((call) => call.service === service),
      }));
      const turns = dialogue.turns.map((turn) =>
        turn.speaker === "USER"
          ? turn
          : { ...turn, frames: turn.frames.filter((frame) => frame.service === service) },
      );
      const score = { ...NOTHING, calls: scores.get(service) ?? NOTHING.calls };
      scores.set(service, addScores(score, scoreDialogue({ ...dialogue, turns }, own)).calls);
    }
  const rows = [...scores].sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(...rows.map(([service]) => service.length), "service".length);
  const line = (name: string, cells: readonly (string | number)[]) =>
    name.padEnd(width) + cells.map((cell) => String(cell).padStart(14)).join("");
  return [
    line("calls", ["annotated", "made", "exact", "by reference"]),
    ...rows.map(([service, { expected, made, exact, byReference }]) =>
      line(service, [expected, made, exact, byReference]),
    ),
  ];
}

/** Kills by function. */
function killed({ asked, byFunction }: Kills): readonly string[] {
  const rows = Object.entries(byFunction).sort(([a], [b]) => (a < b ? -1 : 1));
  const sum = rows.reduce((all, [, count]) => all + count, 0);
  return [
    `killed     ${sum} of ${asked} processes in mid-work: ${rows.map(([name, count]) => `${name} ${count}`).join(", ")}`,
  ];
}

/** What the spine did otherwise than the plain run, or did not do. */
function wrongs({ dialogues, log }: Replay): readonly string[] {
  return [
    ...dialogues.flatMap(({ dialogue, troubles }) =>
      troubles.map((text) => `${dialogue.dialogue_id}: ${text}`),
    ),
    ...dialogues.flatMap(({ dialogue, outcomes, reference }) => {
      const made = outcomes.flatMap(({ calls }) => calls).length;
      const wanted = reference.flatMap(({ calls }) => calls).length;
      const equal = countSameCalls(outcomes, reference);
      if (equal === made && equal === wanted) return [];
      return [`${dialogue.dialogue_id}: ${made} calls, ${equal} of them among the plain run's ${wanted}`];
    }),
    ...log.findings.map(({ type, session, text }) => `${type}: ${session}: ${text}`),
  ];
}

function otherThanAnnotated({ dialogue, outcomes }: PlayedDialogue): readonly string[] {
  return outcomes.flatMap((outcome) => {
    const { surplus, missing } = compareCalls(dialogue, outcome);
    const place = `${dialogue.dialogue_id} turn ${outcome.turn}`;
    return [
      ...surplus.map((call) => `${place}: made ${callText(call)}`),
      ...missing.map((call) => `${place}: did not make ${callText(call)}`),
    ];
  });
}

const callText = ({ service, method, parameters }: BareCall): string =>
  `${service} ${method} ${JSON.stringify(parameters)}`;

function listed(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const more = lines.length > MOST_LINES ? [`  and ${lines.length - MOST_LINES} more`] : [];
  return ["", `${title}:`, ...lines.slice(0, MOST_LINES).map((text) => `  ${text}`), ...more];
}
