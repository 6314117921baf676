import { isJsonObject, type JsonObject } from "../json.ts";
import { isoTime } from "./iso-time.ts";
import type { SessionAdvanced } from "./task-messages.ts";

/** What people are told of a question that a session asks: names and times only, and the question if it is wanted. */
export interface QuestionNotice {
  /** Names the event for good, `tenant/session/sequence`: whoever is told twice knows it by this. */
  readonly event: string;
  readonly tenant: string;
  readonly session: string;
  /** What an answer names. Absent, as all below, where the publication was too large to carry its events. */
  readonly ask?: string;
  readonly step?: string;
  /** When the session goes on without an answer, ms. */
  readonly dueAt?: number;
  /** As the flow has it. */
  readonly question?: string;
}

/** The questions that a published commit asks. One without its events gives one notice, without its details. */
export function questionsAsked(advance: SessionAdvanced): readonly QuestionNotice[] {
  const { tenant, session, first, types, events } = advance;
  if (!types.includes(ASKED)) return [];
  const ofSession = (sequence: number | string) => ({
    event: `${tenant}/${session}/${sequence}`,
    tenant,
    session,
  });
  if (events.length === 0) return [ofSession(first)];
  return events.flatMap((event) => {
    if (event["type"] !== ASKED || !isJsonObject(event["data"])) return [];
    return [{ ...ofSession(String(event["sequence"])), ...detailsOf(event["data"]) }];
  });
}

const ASKED = "HumanAsked";

function detailsOf(data: JsonObject): Partial<QuestionNotice> {
  const { ask, step, dueAt, question } = data;
  return {
    ...(typeof ask === "string" && { ask }),
    ...(typeof step === "string" && { step }),
    ...(typeof dueAt === "number" && { dueAt }),
    ...(typeof question === "string" && { question }),
  };
}

/** Characters of a question that are told. */
const MAX_QUESTION = 500;

export interface NoticeWording {
  /** Where people answer: a URL in which `{tenant}`, `{session}` and `{ask}` stand for those of the question. @default none */
  readonly link?: string | undefined;
  /** Whether the question itself is told. @default false */
  readonly withQuestion?: boolean;
}

/** A notice as one line for people. */
export function noticeText(notice: QuestionNotice, { link, withQuestion = false }: NoticeWording): string {
  const { event, tenant, session, ask, step, dueAt, question } = notice;
  const where = step === undefined ? "" : `, step ${step}`;
  const until = dueAt === undefined ? "" : ` until ${isoTime(dueAt)}`;
  const asked = withQuestion && question !== undefined ? ` "${question.slice(0, MAX_QUESTION)}"` : "";
  const command = `npx event-spine answer ${session}${ask === undefined ? "" : ` ${ask} VALUE`}`;
  return [
    `A question is open${until}: session ${session} of ${tenant}${where}.${asked}`,
    `Answer with ${command}${link === undefined ? "" : ` or at ${linkTo(notice, link)}`}`,
    `(${event})`,
  ].join(" ");
}

/** The link with the question's own names. */
export function linkTo({ tenant, session, ask = "" }: QuestionNotice, link: string): string {
  const names: Readonly<Record<string, string>> = { tenant, session, ask };
  return link.replaceAll(/\{(tenant|session|ask)\}/g, (_, name: string) =>
    encodeURIComponent(names[name] ?? ""),
  );
}
