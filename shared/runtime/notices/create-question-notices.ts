import type { SpineError } from "#core/errors.ts";
import { problemError } from "#core/errors.ts";
import { isJsonObject, type Json } from "#core/json.ts";
import { parseSessionKey } from "#core/ids.ts";
import {
  noticeText,
  questionsAsked,
  type NoticeWording,
  type QuestionNotice,
} from "#core/session/question-notice.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import type { Clock } from "#ports/clock.ts";
import type { Notify } from "#ports/notify.ts";

export interface QuestionNoticesOptions {
  /** Every way by which each notice is told. */
  readonly ways: readonly Notify[];
  readonly wording: NoticeWording;
  readonly clock: Pick<Clock, "now">;
  readonly onTrouble: (error: unknown, what: string) => void;
}

/** One event of spine-out, as its rule's queue holds it. */
export interface PublishedMessage {
  readonly id: string;
  readonly body: string;
}

/** Tells of the questions in publications; gives back the ids of messages that must come again. Never throws. */
export type QuestionNotices = (messages: readonly PublishedMessage[]) => Promise<readonly string[]>;

/**
 * Tells people of open questions. A message of which one way failed comes again for all of them, so people may be told twice, with the
 * same event's name. A question whose time has passed is not told: nobody can answer it.
 */
export function createQuestionNotices(options: QuestionNoticesOptions): QuestionNotices {
  const { ways, wording, clock, onTrouble } = options;

  const tell = async (notice: QuestionNotice): Promise<boolean> => {
    const { event, tenant, session } = notice;
    const told = { text: noticeText(notice, wording), event, tenant, session };
    const outcomes = await Promise.allSettled(ways.map((way) => way.notify(told)));
    for (const [at, outcome] of outcomes.entries())
      if (outcome.status === "rejected") onTrouble(outcome.reason, `a notice by ${ways[at]?.name ?? ""}`);
    return outcomes.every(({ status }) => status === "fulfilled");
  };

  return async (messages) => {
    const failed = await Promise.all(
      messages.map(async ({ id, body }) => {
        try {
          const asked = questionsAsked(readPublication(body));
          const open = asked.filter(({ dueAt }) => dueAt === undefined || dueAt > clock.now());
          return (await Promise.all(open.map(tell))).every(Boolean) ? [] : [id];
        } catch (error) {
          onTrouble(error, "reading a publication");
          return [id];
        }
      }),
    );
    return failed.flat();
  };
}

/** Reads an event of spine-out. Throws `input.malformed`, which quotes nothing of it. */
function readPublication(body: string): SessionAdvanced {
  const envelope = jsonIn(body);
  const detail = isJsonObject(envelope) ? envelope["detail"] : undefined;
  if (!isJsonObject(detail)) throw notPublished("detail", "is not an object");
  const { tenant, session, first, types, events } = detail;
  if (typeof first !== "number") throw notPublished("detail.first", "is not a number");
  if (!Array.isArray(types)) throw notPublished("detail.types", "is not a list");
  if (!Array.isArray(events) || !events.every(isJsonObject))
    throw notPublished("detail.events", "is not a list of events");
  // What is read of it has just been checked.
  return { ...detail, ...parseSessionKey({ tenant, session }) } as unknown as SessionAdvanced;
}

/** However deep it is: nothing here goes into the values of events. */
function jsonIn(body: string): Json {
  try {
    return JSON.parse(body) as Json;
  } catch {
    throw notPublished("body", "is not JSON");
  }
}

const notPublished = (field: string, problem: string): SpineError =>
  problemError("input.malformed", {
    field,
    problem,
    repair: "Only the rule of spine-out sends to this queue.",
  });
