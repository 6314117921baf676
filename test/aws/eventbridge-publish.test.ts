import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { beforeEach, describe, expect, it } from "vitest";
import { createEventBridgePublish } from "#aws/eventbridge/eventbridge-publish.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";
import { advance, TRACEPARENT } from "./samples.ts";

const bus = mockedClient(EventBridgeClient);
const { publish } = createEventBridgePublish({ client: new EventBridgeClient({}), bus: "spine-out" });

interface Sent {
  readonly Entries: readonly { readonly Detail: string }[];
}
const details = (): readonly unknown[] =>
  (inputsOf(bus) as readonly Sent[]).flatMap(({ Entries }) =>
    Entries.map(({ Detail }): unknown => JSON.parse(Detail)),
  );
const large = (first: number, bytes: number): SessionAdvanced =>
  advance({ first, events: [{ text: "x".repeat(bytes) }] });

beforeEach(() => {
  bus.reset();
  bus.on(PutEventsCommand).resolves({ FailedEntryCount: 0, Entries: [] });
});

describe("publishing on spine-out", () => {
  it("puts one entry per commit, whose detail lists the types", async () => {
    await publish([advance()]);
    expect(inputsOf(bus)).toEqual([
      {
        Entries: [
          {
            EventBusName: "spine-out",
            Source: "event-spine",
            DetailType: "SessionAdvanced",
            Time: new Date(1_800_000_000_000),
            Detail: JSON.stringify({ ...advance(), traceparent: TRACEPARENT }),
          },
        ],
      },
    ]);
  });

  it("puts at most ten entries and 1 MB into a request", async () => {
    await publish(Array.from({ length: 12 }, (_, index) => advance({ first: index + 1 })));
    await publish([1, 2, 3, 4, 5].map((first) => large(first, 240_000)));
    const sizes = (inputsOf(bus) as readonly Sent[]).map(({ Entries }) => Entries.length);
    expect(sizes).toEqual([10, 2, 4, 1]);
  });

  it("omits the events when a target could not receive them, and says so", async () => {
    await publish([large(7, 256_001)]);
    expect(details()).toEqual([{ ...advance({ first: 7 }), events: [], truncated: true }]);
  });

  it("returns the entries that the bus rejected, even if the request succeeded", async () => {
    bus.on(PutEventsCommand).resolves({
      FailedEntryCount: 1,
      Entries: [{ EventId: "1" }, { ErrorCode: "ThrottlingException", ErrorMessage: "Slower." }],
    });
    expect(await publish([advance({ first: 1 }), advance({ first: 2 })])).toEqual([
      { advance: advance({ first: 2 }), reason: "ThrottlingException Slower." },
    ]);
    expect(inputsOf(bus)).toHaveLength(1);
  });

  it("stops after the first failed request, and returns the remaining entries", async () => {
    bus.on(PutEventsCommand).rejects(awsError("TimeoutError", "No answer"));
    const advances = Array.from({ length: 12 }, (_, index) => advance({ first: index + 1 }));
    expect(await publish(advances)).toEqual(advances.map((one) => ({ advance: one, reason: "No answer" })));
    expect(inputsOf(bus)).toHaveLength(1);
  });
});
