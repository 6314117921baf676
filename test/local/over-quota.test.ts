import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalCloud } from "#local/cloud.ts";
import { synthesize } from "#local/synth.ts";
import { connectionTo } from "#local/connection-to.ts";
import { startCloud } from "./fixture/assembly.ts";

const PATIENCE = fileURLToPath(new URL("fixture/patience/", import.meta.url));

describe("a tenant with a quota of one event per quarter of an hour", () => {
  let cloud: LocalCloud;
  let bus: EventBridgeClient;

  beforeAll(async () => {
    const environment = { PATIENCE_QUOTA: "0.001" };
    const { templateDir } = await synthesize({ app: `${PATIENCE}app.ts`, sources: [PATIENCE], environment });
    cloud = await startCloud({ templateDir });
    bus = new EventBridgeClient(connectionTo(cloud.environment, "EVENTBRIDGE"));
  }, 240_000);
  afterAll(() => bus.destroy());

  const put = (detail: object) =>
    bus.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: "spine-in",
            Source: "com.example.shop",
            DetailType: "Asked",
            Detail: JSON.stringify({ data: {}, ...detail }),
          },
        ],
      }),
    );
  const sentTo = (queue: string) =>
    cloud
      .counts()
      .filter(
        ({ caller, operation, resource }) =>
          caller === "spine-intake" && operation.startsWith("SendMessage") && resource.endsWith(`:${queue}`),
      )
      .reduce((sum, { count }) => sum + count, 0);
  const eventually = (read: () => unknown) => expect.poll(read, { timeout: 60_000, interval: 100 });

  it("has further events delayed on the bus, and invalid ones kept at once", async () => {
    // A send may be tried more than once.
    await put({ session: "busy" });
    await eventually(() => sentTo("spine-inbox.fifo")).toBeGreaterThan(0);
    await put({ session: "busy" });
    await eventually(() => sentTo("spine-intake")).toBeGreaterThan(0);
    await put({ colour: "red" });
    await eventually(() => sentTo("spine-intake-dead")).toBeGreaterThan(0);
  });

  it("is rejected over HTTP", async () => {
    const { status } = await cloud.fetch(`${cloud.functionUrls.get("spine-ingress")}/sessions/busy/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ type: "Asked", data: {} }),
    });
    expect(status).toBe(429);
    expect(cloud.rights().refused).toEqual([]);
  });
});
