import type { SessionKey } from "#core/ids.ts";
import { toCloudEvent } from "#core/session/envelope.ts";
import { explain } from "#core/session/explain.ts";
import { shown } from "#core/session/shown.ts";
import { createSessionReader } from "../../session/create-session-reader.ts";
import type { Engine } from "../../session/engine.ts";
import { createKnownFlows, createWholeCommits } from "../../session/known-flows.ts";
import { createFlowBooks, readable } from "../../session/load-session.ts";
import { jsonResponse, type HttpRequest, type HttpResponse } from "./http-message.ts";
import { sequenceIn } from "./sequence-in.ts";
import { commitStart } from "./commit-start.ts";
import { answerable } from "./answerable.ts";
import { knownSession } from "./known-session.ts";
import { openAsks } from "./open-asks.ts";
import { pageOf } from "./page.ts";
import type { Route } from "./route.ts";
import { readCommit } from "../../session/read-commit.ts";

/** A request whose route and session are known. */
export type Handled = Route & { readonly key: SessionKey; readonly request: HttpRequest };

/** What is read of sessions over HTTP. */
export interface SessionReads {
  events(handled: Handled): Promise<HttpResponse>;
  state(handled: Handled): Promise<HttpResponse>;
  explanation(handled: Handled): Promise<HttpResponse>;
  /** The sequence of the event that started the run which a person's answer was for. */
  triggerOf(key: SessionKey, sequence: number): Promise<number | undefined>;
}

const BATCH_TYPE = "application/cloudevents-batch+json";
/** Commits in one page of the log. */
const PAGE_COMMITS = 50;

export function createSessionReads(engine: Engine): SessionReads {
  const reader = createSessionReader(engine);
  const flows = createKnownFlows(engine);
  const flowBook = createFlowBooks(engine, flows);
  const whole = createWholeCommits(engine, flows);

  const events = async ({ key, session, request }: Handled) => {
    const after = sequenceIn(request, "after") ?? 0;
    const { sequence } = await known(key);
    const named = await reader.commitsAfter(key, await commitStart(engine.log, key, after), PAGE_COMMITS);
    const commits = await readable(key, () => Promise.all(named.map(whole)));
    const shown = pageOf(
      commits.flatMap((commit) =>
        commit.events.filter((event) => event.sequence > after).map((event) => toCloudEvent(commit, event)),
      ),
    );
    const last = Number(shown.at(-1)?.["sequence"] ?? after);
    const path = `/sessions/${encodeURIComponent(session)}/events?after=${last}`;
    return jsonResponse(200, shown, {
      "content-type": BATCH_TYPE,
      ...(last < sequence && { link: `<${path}>; rel="next"` }),
    });
  };

  const state = async ({ key, request }: Handled) => {
    const at = sequenceIn(request, "at");
    const current = await known(key);
    return jsonResponse(200, shown(at === undefined ? current : await reader.stateAt(key, at)));
  };

  const explanation = async ({ key, session, request }: Handled) => {
    const current = await known(key);
    const { status, sequence } = current;
    const waitsFor = explain(current, await flowBook(key, current));
    const asks = (await openAsks(reader, key, current)).map((open) => answerable(request, session, open));
    return jsonResponse(200, { session, status, sequence, waitsFor, asks });
  };

  const known = (key: SessionKey) => knownSession(engine, key);

  return {
    events,
    state,
    explanation,
    async triggerOf(key, sequence) {
      const stored = (await engine.log.readUpTo(key, sequence)).at(-1);
      const inCommit = stored === undefined ? [] : readCommit(engine.log, key, stored).events;
      const answer = inCommit.find((event) => event.sequence === sequence);
      if (answer?.type !== "HumanAnswered" && answer?.type !== "DoubtSettled") return undefined;
      return (await reader.stateAt(key, sequence)).runs[answer.data.run]?.trigger;
    },
  };
}
