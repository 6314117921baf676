import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { agentQueueSuffix, DEFAULT_PREFIX, FunctionSuffix, functionName, queueName } from "#aws/names.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { functionCallOf } from "#local/faults/function-call.ts";
import type { Around } from "#local/http/loopback-server.ts";
import { countsSince } from "#local/request-counts.ts";
import { synthesize } from "#local/synth.ts";
import { startCloud } from "./fixture/assembly.ts";

const LOOK_MS = 10;
const SLOW_QUEUE = queueName(DEFAULT_PREFIX, agentQueueSuffix("slow", "normal"));
const folder = fileURLToPath(new URL("fixture/groups/", import.meta.url));

let cloud: LocalCloud;
const begun: string[] = [];
/** Whose answers the door takes, and whose hosts are never told. */
let deaf = "";

const isAnswerOf = (session: string, body: string): boolean =>
  session !== "" && body.includes('"op":"answer"') && body.includes(`"session":"${session}"`);

const around: Around = async (request, handle) => {
  const response = await handle(request);
  const call = functionCallOf(request);
  const isLost = call?.operation === "Invoke" && isAnswerOf(deaf, request.body.toString("utf8"));
  return isLost ? { ...response, status: 500, body: "{}" } : response;
};

beforeAll(async () => {
  const { templateDir } = await synthesize({ app: `${folder}app.ts`, sources: [folder] });
  cloud = await startCloud({
    templateDir,
    around,
    onLog: ({ text }) => text.includes("slow begins") && begun.push(text),
  });
}, 120_000);
beforeEach(() => {
  begun.length = 0;
  deaf = "";
});

/** Sends a letter and waits for its reply, and until nothing is on its way but deadlines. */
async function written(session: string) {
  const before = cloud.counts();
  const url = cloud.functionUrls.get(functionName(DEFAULT_PREFIX, FunctionSuffix.ingress)) ?? "";
  const response = await cloud.fetch(`${url}/sessions/${session}/events`, {
    method: "POST",
    headers: { "content-type": "application/json", prefer: "wait=25" },
    body: JSON.stringify({ type: "LetterCame", data: {} }),
  });
  const body: unknown = await response.json();
  while (cloud.busy() > 0) await pause(LOOK_MS);
  const counts = countsSince(before, cloud.counts());
  const sent = counts.filter(
    ({ operation, resource }) => operation.startsWith("SendMessage") && resource.endsWith(SLOW_QUEUE),
  );
  return { status: response.status, body, sent: sent.reduce((sum, { count }) => sum + count, 0) };
}

describe("a task that is handed over and takes longer than it may take to begin", () => {
  it("runs once: its host has said that it works", async () => {
    const { status, sent } = await written("heard");
    expect(status).toBe(200);
    expect(begun).toHaveLength(1);
    expect(sent).toBe(0);
  });

  it("is sent to its queue where no host was told of it", async () => {
    deaf = "deaf";
    const waiting = written("deaf");
    await expect.poll(() => begun.length, { timeout: 15_000 }).toBe(1);
    deaf = "";
    const { status, sent } = await waiting;
    expect(status).toBe(200);
    expect(sent).toBeGreaterThan(0);
    expect(begun).toHaveLength(1);
  });
});
