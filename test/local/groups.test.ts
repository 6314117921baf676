import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { agentQueueSuffix, DEFAULT_PREFIX, FunctionSuffix, functionName, queueName } from "#aws/names.ts";
import type { LocalCloud } from "#local/cloud.ts";
import { countsSince, type RequestCount } from "#local/request-counts.ts";
import { synthesizeGrouped } from "../../scripts/price/grouped/synthesize.ts";
import { REPLIED, post, WHOLE } from "../../scripts/requests/play.ts";
import { startCloud } from "./fixture/assembly.ts";

const LOOK_MS = 10;
const DOOR = functionName(DEFAULT_PREFIX, FunctionSuffix.door);

let cloud: LocalCloud;
beforeAll(async () => {
  const { templateDir } = await synthesizeGrouped();
  cloud = await startCloud({ templateDir });
}, 120_000);

async function played(
  session: string,
): Promise<{ readonly body: unknown; readonly counts: readonly RequestCount[] }> {
  const before = cloud.counts();
  const response = await post(cloud, session, WHOLE, true);
  expect(response.status).toBe(REPLIED);
  const body: unknown = await response.json();
  while (cloud.busy() > 0) await pause(LOOK_MS);
  return { body, counts: countsSince(before, cloud.counts()) };
}

describe("the sample application with its agents in one group", () => {
  it("answers, and only what cannot be handed over takes a queue", async () => {
    await played("warm");
    const { body, counts } = await played("one");
    expect(JSON.stringify(body)).toContain("booked");
    const sent = counts.filter(
      ({ caller, operation }) => caller === DOOR && operation.startsWith("SendMessage"),
    );
    // Two of the five work side by side: one of them is handed over.
    const queues = sent.map(({ resource }) => resource.split(":").at(-1));
    expect(queues).toHaveLength(1);
    const inquiry = queueName(DEFAULT_PREFIX, agentQueueSuffix("inquiry", "normal"));
    expect(queues[0]).toMatch(/^spine-agent-/);
    expect(queues[0]).not.toBe(inquiry);
    const answers = counts.filter(
      ({ operation, resource }) => operation === "Invoke" && resource.endsWith(DOOR),
    );
    // Five answers, and the claim of the booking.
    expect(answers.reduce((sum, { count }) => sum + count, 0)).toBe(6);
  });
});
