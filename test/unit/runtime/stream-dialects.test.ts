import { describe, expect, it } from "vitest";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import type { HttpRequest } from "#runtime/doors/http/http-message.ts";
import { createEventStreams } from "#runtime/doors/stream/create-event-streams.ts";
import { answerOf, createBench, KEY, lastSent, ok, writing } from "./engine.ts";

/** A session whose first run is under way. */
async function asked() {
  const bench = createBench({ flows: [writing] });
  const request = (query: HttpRequest["query"], rest: Partial<HttpRequest> = {}): HttpRequest => ({
    method: "GET",
    path: `/sessions/${KEY.session}/events`,
    query,
    headers: { accept: "text/event-stream", "content-type": "application/json" },
    caller: { tenant: KEY.tenant, source: "app", rights: ["read", "send"] },
    ...rest,
  });
  const sent = await createHttpIngress(bench.engine)(
    request({}, { method: "POST", body: JSON.stringify({ type: "Asked", id: "first" }) }),
  );
  expect(sent.status).toBe(202);
  const streams = createEventStreams(bench.engine);
  /** What a stream has written by now, and whether it has ended. */
  const open = async (query: HttpRequest["query"]) => {
    const answer = await streams(request(query));
    if (!("frames" in answer)) throw new Error(`Refused: ${answer.status} ${answer.body}`);
    const state = { text: "", ended: false };
    const read = (async () => {
      for await (const part of answer.frames) state.text += part;
      state.ended = true;
    })();
    await bench.clock.runBy(0);
    return { headers: answer.headers, state, read };
  };
  const reply = () => createDoor(bench.engine).answer(answerOf(lastSent(bench), ok({ text: "About it." })));
  return { bench, streams, request, open, reply };
}

const typesIn = (text: string): readonly string[] =>
  [...text.matchAll(/^data: \{"type":"([^"]+)"/gm)].map(([, type = ""]) => type);

describe("a stream in the words of another protocol", () => {
  it("tells AG-UI's clients of one run and ends with it", async () => {
    const { bench, open, reply } = await asked();
    const { state, read } = await open({ as: "ag-ui" });
    expect(typesIn(state.text)).toEqual(["RUN_STARTED", "STATE_SNAPSHOT", "STEP_STARTED"]);
    await reply();
    await bench.clock.runBy(2_000);
    await read;
    expect(typesIn(state.text).at(-1)).toBe("RUN_FINISHED");
    expect(state.text).toMatch(
      /id: \d+\ndata: \{"type":"RUN_FINISHED".*"outcome":\{"type":"success"\}\}\n\n$/,
    );
    const last = (await bench.reader.current(KEY)).sequence;
    expect(state.text).toContain(`id: ${last}\n`);
  });

  it("is a UI message stream that ends as its clients expect", async () => {
    const { bench, open, reply } = await asked();
    const { headers, state, read } = await open({ as: "ui-messages" });
    expect(headers).toMatchObject({
      "content-type": "text/event-stream",
      "x-vercel-ai-ui-message-stream": "v1",
    });
    expect(typesIn(state.text)).toEqual(["start", "reset-step", "data-step", "start-step"]);
    await reply();
    await bench.clock.runBy(2_000);
    await read;
    expect(typesIn(state.text)).toContain("text-delta");
    expect(state.text).toMatch(/data: \[DONE\]\n\n$/);
  });

  it("begins a run that is under way again for who resumes", async () => {
    const { bench, open } = await asked();
    const last = (await bench.reader.current(KEY)).sequence;
    const agUi = await open({ as: "ag-ui", after: String(last) });
    expect(typesIn(agUi.state.text)).toEqual(["RUN_STARTED", "STATE_SNAPSHOT", "STEP_STARTED"]);
    const messages = await open({ as: "ui-messages", after: String(last) });
    expect(typesIn(messages.state.text)).toEqual(["start", "reset-step"]);
    expect(messages.state.ended).toBe(false);
  });

  it("is refused in a dialect that nobody speaks", async () => {
    const { streams, request } = await asked();
    const refused = await streams(request({ as: "klingon" }));
    expect(refused).toMatchObject({ status: 400 });
    expect(JSON.parse("body" in refused ? refused.body : "{}")).toMatchObject({
      problems: [{ field: "as", problem: '"klingon" is not a dialect' }],
    });
  });
});
