import { HttpAgent, buildResumeArray, type BaseEvent } from "@ag-ui/client";
import { DefaultChatTransport, readUIMessageStream, type UIMessage } from "ai";
import { defineFlow, reply, sequence } from "event-spine";
import { adaptAgent, withApproval } from "event-spine/adapters";
import { inProcessSpine } from "event-spine/testing";
import { describe, expect, it } from "vitest";
import { createEventStreams } from "../../../shared/runtime/doors/stream/create-event-streams.ts";
import { DESK } from "../support/desk.ts";
import { loopback } from "../support/loopback.ts";

const server = loopback();

/** A session that asks a person and then replies, and the stream of its events over HTTP. */
async function booking() {
  const desk = adaptAgent(DESK, {
    run: ({ resumed }) =>
      Promise.resolve(
        resumed === undefined
          ? { question: { amount: 40 }, checkpoint: null }
          : { output: "Seat 3a is yours." },
      ),
  });
  const plan = sequence(withApproval(DESK, { ask: "May it pay?" }), reply("desk"));
  const flows = [defineFlow({ name: "booking", on: "SeatAsked", plan })];
  const spine = inProcessSpine({ flows, agents: [desk] });
  const { tenant } = spine.key("one");
  const caller = { tenant, source: "test", rights: ["read", "answer"] } as const;
  const streams = createEventStreams(spine.engine);
  const url = server.mount((request, response) => {
    const { searchParams } = new URL(request.url ?? "/", "http://here");
    const query = Object.fromEntries(searchParams);
    const headers = { ...request.headers } as Record<string, string>;
    void streams({ method: "GET", path: "/sessions/one/events", query, headers, caller }).then(
      async (answer) => {
        response.writeHead(answer.status, answer.headers);
        if ("frames" in answer) for await (const frame of answer.frames) response.write(frame);
        response.end();
      },
    );
  });
  await spine.send("SeatAsked", { text: "Book a seat." }, { session: "one" });
  await spine.idle();
  return {
    url,
    current: () => spine.reader.current(spine.key("one")),
    answer: async (ask: string) => {
      await spine.ingress.answerHuman(caller as never, "one", ask, { value: { approved: true } });
      await spine.idle();
    },
    close: () => spine.close(),
  };
}

const stream = (url: string, as: string, after: number) =>
  fetch(`${url}/?as=${as}`, { headers: { accept: "text/event-stream", "last-event-id": String(after) } });

describe("AG-UI's own client", () => {
  it("follows a run to its interrupt and, once the person has answered, to its reply, with the session's state", async () => {
    const session = await booking();
    let after = 0;
    const agent = new HttpAgent({
      url: session.url,
      threadId: "one",
      // An interface reads a stream and sends events as every producer does: a run is not begun by the request.
      fetch: () => stream(session.url, "ag-ui", after),
    });
    const seen: BaseEvent[] = [];
    const errors: unknown[] = [];
    const watch = {
      onEvent: ({ event }: { readonly event: BaseEvent }) => void seen.push(event),
      onRunFailed: ({ error }: { readonly error: Error }) => void errors.push(error),
    };
    await agent.runAgent({}, watch);
    expect(errors).toEqual([]);
    const [interrupt] = agent.pendingInterrupts;
    expect(interrupt?.message ?? JSON.stringify(interrupt)).toContain("May it pay?");
    const asked = interrupt?.id ?? "";
    after = (await session.current()).sequence;
    await session.answer(asked);

    const resume = buildResumeArray(agent.pendingInterrupts, {
      [asked]: { status: "resolved", payload: { approved: true } },
    });
    await agent.runAgent({ resume }, watch);
    expect(errors).toEqual([]);
    expect(agent.pendingInterrupts).toEqual([]);
    expect(agent.messages.at(-1)).toMatchObject({ role: "assistant", content: "Seat 3a is yours." });
    const { context } = await session.current();
    expect(agent.state).toMatchObject({ context: JSON.parse(JSON.stringify(context)) as object });
    expect(seen.map(({ type }) => type)).toContain("STATE_DELTA");
    await session.close();
  });
});

describe("the AI SDK's own reader of UI messages", () => {
  it("makes one message of a run, over the question and on to the reply", async () => {
    const session = await booking();
    let after = 0;
    const transport = new DefaultChatTransport<UIMessage>({
      fetch: () => stream(session.url, "ui-messages", after),
    });
    const read = async (message?: UIMessage): Promise<UIMessage | undefined> => {
      const chunks = await transport.reconnectToStream({ chatId: "one" });
      if (chunks === null) throw new Error("There is no stream.");
      let last = message;
      const whole = message === undefined ? {} : { message };
      for await (const state of readUIMessageStream({ stream: chunks, terminateOnError: true, ...whole }))
        last = state;
      return last;
    };
    const asking = await read();
    const question = asking?.parts.find(({ type }) => type === "data-question") as
      { readonly data: { readonly ask: string; readonly question: string } } | undefined;
    expect(question?.data.question).toBe("May it pay?");
    after = (await session.current()).sequence;
    await session.answer(question?.data.ask ?? "");

    const done = await read(asking);
    expect(done?.id).toBe(asking?.id);
    const texts = done?.parts.flatMap((part) => (part.type === "text" ? [part.text] : []));
    expect(texts).toEqual(["Seat 3a is yours."]);
    expect(done?.metadata).toMatchObject({ session: "one", flow: "booking", outcome: "completed" });
    await session.close();
  });
});
