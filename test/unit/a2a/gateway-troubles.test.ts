import { afterEach, describe, expect, it } from "vitest";
import type { Call } from "#client/call.ts";
import { TargetError } from "#client/usage-error.ts";
import { inProcessCall } from "#testing/index.ts";
import { messageOf, openGateway, type OpenGateway } from "./gateway-over.ts";

let gateway: OpenGateway | undefined;
afterEach(() => gateway?.close());

const failing = (error: Error): { readonly call: Call } => ({ call: () => Promise.reject(error) });
const GREETING = messageOf("m1", [{ text: "Ada" }], { metadata: { skill: "GreetingAsked" } });

describe("the A2A gateway, in trouble", () => {
  it("says that the spine does not answer", async () => {
    gateway = await openGateway({ target: failing(new TargetError("The spine does not answer.")) });
    const { error } = await gateway.rpc("SendMessage", GREETING);
    expect(error).toMatchObject({ code: -32603, message: "The spine does not answer." });
    expect(gateway.troubles).toEqual([]);
  });

  it("tells whoever runs it, and not its client, what failed unforeseen", async () => {
    const failure = new Error("/home/ada/secret.json");
    gateway = await openGateway({ target: failing(failure) });
    for (const method of ["SendMessage", "SendStreamingMessage"]) {
      const { error } = await gateway.rpc(method, GREETING);
      expect(error).toMatchObject({ code: -32603, message: "The gateway failed." });
    }
    expect(gateway.troubles).toEqual([failure, failure]);
  });

  it("tells in the stream that it failed in its middle, and ends it", async () => {
    let isBroken = false;
    gateway = await openGateway({}, (spine) => {
      const call = inProcessCall(spine, "gateway");
      return {
        call: (request) => (isBroken ? Promise.reject(new Error("Cut.")) : call(request)),
        stream: () => {
          isBroken = true;
          return Promise.resolve(undefined);
        },
      };
    });
    const told = await gateway.responses("SendStreamingMessage", {
      ...messageOf("w1", [{ text: "Wait." }], { metadata: { skill: "WaitAsked" } }),
    });
    expect(told).toMatchObject([
      { id: 7, result: { task: { status: { state: "TASK_STATE_WORKING" } } } },
      { id: 7, error: { code: -32603 } },
    ]);
    expect(gateway.troubles).toHaveLength(1);
  });

  it("reads no further for a client that has gone", async () => {
    let reading: AbortSignal | undefined;
    gateway = await openGateway({}, (spine) => ({
      call: inProcessCall(spine, "gateway"),
      stream: ({ signal }) => {
        reading = signal;
        return new Promise(() => undefined);
      },
    }));
    const client = new AbortController();
    const begun = gateway.post(
      "SendStreamingMessage",
      messageOf("w2", [{ text: "Wait." }], { metadata: { skill: "WaitAsked" } }),
      {},
      client.signal,
    );
    await begun;
    await expect.poll(() => reading?.aborted).toBe(false);
    client.abort();
    await expect.poll(() => reading?.aborted).toBe(true);
  });
});
