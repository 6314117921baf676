import { reasonsIn, type Reason } from "../reasons.ts";
import type { LoggedEvent } from "#client/client.ts";
import { defineCommand } from "../command.ts";
import { askLine } from "#client/open-question.ts";
import { readWhole } from "../read-values.ts";
import { TargetError, UsageError } from "#client/usage-error.ts";

/** Says what a session waits for, or why things were decided as they were. */
export const explain = defineCommand({
  name: "explain",
  usage: "SESSION [SEQ | --run RUN]",
  about: "says what the session waits for; with SEQ or a run, why the decisions were taken",
  positionals: { required: ["SESSION"], more: 1 },
  options: { run: { type: "string" } },
  prepare({ run }, [session = "", at]) {
    if (at !== undefined && run !== undefined)
      throw new UsageError("--run: cannot be combined with SEQ. Give one of the two.");
    if (at === undefined && run === undefined) {
      return async ({ client, print }) => {
        const { waitsFor, asks } = await client.explanation(session);
        print([...waitsFor, ...asks.map(askLine)].join("\n"));
      };
    }
    const sequence = at === undefined ? undefined : readWhole("SEQ", at);
    return async ({ client, print }) => {
      const logged = await client.eventsAfter(session, 0);
      const reasons = await reasonsIn(logged);
      const meant =
        sequence === undefined
          ? ofRun(logged, reasons, run ?? "", session)
          : ofInput(logged, reasons, sequence, session);
      const plain = `Nothing to explain: plain progress.`;
      print(meant.length === 0 ? plain : meant.map(lineOf).join("\n"));
    };
  },
});

const lineOf = ({ logged, fact }: Reason): string =>
  `${String(logged.event.sequence).padStart(5)}  ${fact.who.padEnd(15)} ${fact.what}`;

/** What one input led to, found by any of its events. */
function ofInput(
  logged: readonly LoggedEvent[],
  reasons: readonly Reason[],
  sequence: number,
  session: string,
): readonly Reason[] {
  const meant = logged.find(({ event }) => event.sequence === sequence);
  if (meant === undefined) {
    const last = logged.at(-1)?.event.sequence ?? 0;
    throw new TargetError(`SEQ: ${session} has no event ${sequence}. Give 1 to ${last}.`);
  }
  return reasons.filter((reason) => reason.logged.cause === meant.cause);
}

function ofRun(
  logged: readonly LoggedEvent[],
  reasons: readonly Reason[],
  run: string,
  session: string,
): readonly Reason[] {
  const events = logged.map(({ event }) => event);
  const runs = new Set<string>(events.flatMap(({ type, data }) => (type === "RunQueued" ? [data.run] : [])));
  if (!runs.has(run)) {
    throw new TargetError(
      `--run: ${session} has no run ${run}. Its runs: ${[...runs].join(", ") || "none"}.`,
    );
  }
  const tasks = new Set<string>(
    events.flatMap(({ type, data }) => (type === "TaskCreated" && data.run === run ? [data.task] : [])),
  );
  return reasons.filter(
    ({
      logged: {
        event: { data },
      },
    }) =>
      "run" in data ? data.run === run : "task" in data && data.task !== undefined && tasks.has(data.task),
  );
}
