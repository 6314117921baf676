import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseTenantId } from "#core/ids.ts";
import { startHttpServer, type RunningHttpServer } from "#local/http/http-server.ts";
import { startLocalSpine, type LocalSpine } from "#local/local-spine.ts";
import { openQuestionsOf, readTurn, type Message } from "../../docs/examples/chat-messages.js";
import { withChatPage } from "../../scripts/start/chat-page.ts";
import { createForward } from "../../scripts/start/forward.ts";
import { withStreams } from "../../scripts/start/forward-streams.ts";

let local: LocalSpine;
let front: RunningHttpServer;

beforeAll(async () => {
  local = await startLocalSpine();
  const handle = withChatPage(withStreams(createForward(local), local));
  front = await startHttpServer({ port: 0, tenant: parseTenantId("default"), handle });
}, 240_000);
afterAll(async () => {
  await front?.close();
  await local?.stop();
});

const open = (session: string) => async (after: number) => {
  const headers = { accept: "text/event-stream", "last-event-id": String(after) };
  const answer = await fetch(`${front.url}/sessions/${session}/events?as=ui-messages`, { headers });
  expect([answer.status, answer.headers.get("x-vercel-ai-ui-message-stream")]).toEqual([200, "v1"]);
  if (answer.body === null) throw new Error("There is no body.");
  return answer.body.pipeThrough(new TextDecoderStream());
};

const post = async (path: string, body: unknown) => {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(front.url + path, { method: "POST", headers, body: JSON.stringify(body) });
  expect(answer.status).toBe(202);
};

const textsOf = (message: Message | undefined) =>
  message?.parts.flatMap(({ type, text }) => (type === "text" ? [text] : []));

describe("the chat page of docs/examples", () => {
  it("is served with what it imports, for itself alone", async () => {
    for (const name of ["chat.html", "chat.js", "chat-messages.js"]) {
      const answer = await fetch(`${front.url}/examples/${name}`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(await answer.text()).not.toMatch(/https?:\/\//);
    }
    expect((await fetch(`${front.url}/examples/hello.ts`)).status).toBe(404);
    expect((await fetch(`${front.url}/examples/..%2F..%2Fpackage.json`)).status).toBe(404);
  });

  it("shows a question, takes the person's answer and goes on with the same message to its reply", async () => {
    const session = "chatting";
    const text = "Book me a flight to Rome next Friday";
    await post(`/sessions/${session}/events`, { id: "m1", type: "MessageReceived", data: { text } });
    const messages: Message[] = [];
    const after = await readTurn({ messages, after: 0, open: open(session) });
    expect(messages).toHaveLength(1);
    const [message] = messages;
    const [question] = message === undefined ? [] : openQuestionsOf(message);
    expect(question?.question).toContain("What does the customer want?");
    expect(textsOf(message)).toEqual([]);
    const value = { decision: "decline", note: "We do not book flights." };
    await post(`/sessions/${session}/asks/${question?.ask ?? ""}`, { value });
    await readTurn({ messages, after, open: open(session) });
    expect(messages).toHaveLength(1);
    expect(textsOf(message)?.join()).toContain("We do not book flights.");
    expect(message?.metadata).toMatchObject({ session, flow: "customer-care", outcome: "completed" });
    expect(message === undefined ? [] : openQuestionsOf(message)).toEqual([]);
  }, 60_000);
});
