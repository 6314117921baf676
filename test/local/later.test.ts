import { fileURLToPath } from "node:url";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerTask, taskSignals } from "#client/answer-task.ts";
import { createHttpCall } from "#client/call.ts";
import { createSpineClient, type SpineClient } from "#client/client.ts";
import { postAnswer } from "#client/post-answer.ts";
import type { TaskCallback } from "#core/later.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { connectionTo } from "#local/connection-to.ts";
import { synthesize } from "#local/synth.ts";
import { startCloud } from "./fixture/assembly.ts";

const folder = fileURLToPath(new URL("fixture/later/", import.meta.url));
const OUTCOME = { status: "ok", result: { film: "a-day.mp4" } } as const;
const CALLBACK = /callback (\{.*\})/;

describe("agents that answer later, on the local runtime", () => {
  let cloud: LocalCloud;
  let spine: SpineClient;
  let client: LambdaClient;
  const callbacks = new Map<string, TaskCallback>();

  beforeAll(async () => {
    const { templateDir } = await synthesize({ app: `${folder}app.ts`, sources: [folder] });
    cloud = await startCloud({
      templateDir,
      onLog: ({ text }) => {
        const [, found] = CALLBACK.exec(text) ?? [];
        if (found === undefined) return;
        const callback = JSON.parse(found) as TaskCallback;
        callbacks.set(callback.session, callback);
      },
    });
    spine = createSpineClient(
      createHttpCall(cloud.functionUrls.get("spine-ingress") ?? "", cloud.authorize()),
    );
    client = new LambdaClient(connectionTo(cloud.environment, "LAMBDA"));
  }, 240_000);
  afterAll(() => client.destroy());

  const passedOn = async (session: string, type = "FilmAsked"): Promise<TaskCallback> => {
    await spine.send(session, { id: "e1", type, data: {} });
    await expect.poll(() => callbacks.has(session), { timeout: 60_000 }).toBe(true);
    await expect.poll(() => cloud.busy(), { timeout: 60_000 }).toBe(0);
    const callback = callbacks.get(session);
    if (callback === undefined) throw new Error("It was not passed on.");
    return callback;
  };
  const eventsOf = async (session: string) => (await spine.eventsAfter(session, 0)).map(({ event }) => event);
  const replyOf = async (session: string) =>
    (await eventsOf(session)).find((event) => event.type === "ReplySent")?.data.body;
  const post = (body: string, method = "POST") =>
    fetch(cloud.functionUrls.get("spine-callback") ?? "", { method, ...(method === "POST" && { body }) });
  const answerOf = ({ door: _door, url: _url, deadline: _deadline, ...proof }: TaskCallback) => ({
    ...proof,
    outcome: OUTCOME,
  });

  it("are answered by a signed call when their function has ended, once", { timeout: 240_000 }, async () => {
    const callback = await passedOn("signed");
    expect(callback.door).toMatch(/^arn:aws:lambda:.+:function:spine-door$/);
    cloud.kill("spine-agent-render");
    expect(await replyOf("signed")).toBeUndefined();
    const wrong = { ...callback, token: callback.token.replace(/.$/, "_") };
    await expect(answerTask(wrong, OUTCOME, { client })).rejects.toMatchObject({ code: "task.token" });
    expect(await answerTask(callback, OUTCOME, { client })).toEqual({ type: "recorded" });
    expect(await answerTask(callback, OUTCOME, { client })).toEqual({ type: "settled" });
    expect(await replyOf("signed")).toEqual(OUTCOME.result);
  });

  it("are answered at the public endpoint, by the task's token alone", { timeout: 240_000 }, async () => {
    const callback = await passedOn("public");
    expect(callback.url).toContain(cloud.functionUrls.get("spine-callback"));
    const answer = answerOf(callback);
    const refused = await post(JSON.stringify({ ...answer, token: answer.token.replace(/.$/, "_") }));
    const nobody = await post(JSON.stringify({ ...answer, session: "nobody" }));
    expect([refused.status, nobody.status]).toEqual([403, 403]);
    // Whether there is such a session it does not tell.
    expect(await refused.text()).toBe(await nobody.text());
    expect((await post("", "GET")).status).toBe(405);
    expect((await post("no JSON")).status).toBe(400);
    expect((await post(JSON.stringify({ ...answer, token: "x".repeat(65_536) }))).status).toBe(413);
    expect(await replyOf("public")).toBeUndefined();
    expect(await postAnswer(callback, OUTCOME)).toEqual({ type: "recorded" });
    expect(await postAnswer(callback, OUTCOME)).toEqual({ type: "settled" });
    expect(await replyOf("public")).toEqual(OUTCOME.result);
  });

  it(
    "are told by signals, at work and when they have passed their task on",
    { timeout: 240_000 },
    async () => {
      const tell = (session: string, id: string, name: string, data: string | null = null) =>
        spine.signal(session, { id, to: "plan", name, data });
      await spine.send("heard", { id: "e1", type: "ListenAsked", data: {} });
      expect(await tell("heard", "s1", "wish", "a garden")).toMatchObject({ disposition: "signalled" });
      expect(await tell("heard", "s1", "wish", "a garden")).toMatchObject({ disposition: "signalled" });
      await tell("heard", "s2", "wish", "breakfast");
      await tell("heard", "s3", "enough");
      await expect
        .poll(() => replyOf("heard"), { timeout: 60_000, interval: 200 })
        .toEqual({ heard: ["a garden", "breakfast"] });
      const late = await tell("heard", "s4", "enough");
      expect(late).toMatchObject({ disposition: "ignored", reason: "no task is under way there" });
      await expect(tell("heard", "s5", "unsaid")).resolves.toMatchObject({ disposition: "ignored" });

      const callback = await passedOn("told");
      await expect(tell("told", "s1", "unsaid")).rejects.toMatchObject({ status: 422 });
      await tell("told", "s2", "wish", "longer");
      const signals = [{ number: 1, name: "wish", data: "longer" }];
      expect(await taskSignals(callback, 0, { client })).toEqual({ go: true, signals });
      expect(await taskSignals(callback, 1, { client })).toEqual({ go: true, signals: [] });
      await answerTask(callback, OUTCOME, { client });
      expect(await taskSignals(callback, 0, { client })).toMatchObject({ go: false, signals: [] });
    },
  );

  it(
    "lose their turn at the deadline; an answer after that is recorded as late",
    { timeout: 240_000 },
    async () => {
      const callback = await passedOn("late", "SketchAsked");
      await expect
        .poll(() => replyOf("late"), { timeout: 60_000, interval: 200 })
        .toEqual({ film: "none in time" });
      expect(await postAnswer(callback, OUTCOME)).toEqual({ type: "recorded" });
      const types = (await eventsOf("late")).map(({ type }) => type);
      expect(types).toContain("AttemptTimedOut");
      expect(types.at(-1)).toBe("AnswerLate");
      expect(await replyOf("late")).toEqual({ film: "none in time" });
    },
  );
});
