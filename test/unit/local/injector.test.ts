import { describe, expect, it } from "vitest";
import { createInjector, Fault, type Failpoint } from "#local/faults/injector.ts";
import type { LocalRequest } from "#local/http/loopback-server.ts";

interface Asked {
  readonly by?: string;
  readonly call: string;
  readonly operation?: string;
}

/** A request as a function's SDK client sends it. */
function request({ by = "door.process-1", call, operation = "PutItem" }: Asked): LocalRequest {
  return {
    method: "POST",
    target: "/",
    headers: {
      authorization: "AWS4-HMAC-SHA256 Credential=ASIA/20260301/us-east-1/dynamodb/aws4_request, Signature=x",
      "x-amz-security-token": by,
      "amz-sdk-invocation-id": call,
      "x-amz-target": `DynamoDB_20120810.${operation}`,
    },
    body: Buffer.from(JSON.stringify({ TableName: "log" })),
    sourceIp: "127.0.0.1",
    // A process that was killed hangs up.
    gone: AbortSignal.abort(),
  };
}

const failpoint = (nth: number, operation = "PutItem"): Failpoint => ({
  functionName: "door",
  service: "dynamodb",
  operation,
  resource: "log",
  nth,
});

function bench() {
  const killed: string[] = [];
  const performed: string[] = [];
  const injector = createInjector({ kill: (_name, token) => killed.push(token) });
  const ask = async (asked: Asked): Promise<number> => {
    const handle = () => {
      performed.push(asked.call);
      return Promise.resolve({ status: 200 });
    };
    return (await injector.around(request(asked), handle)).status;
  };
  return { injector, ask, killed, performed };
}

describe("the fault injector", () => {
  it("numbers requests by function, operation and resource, and counts a retry as the same request", async () => {
    const { injector, ask } = bench();
    injector.record();
    await ask({ call: "a" });
    await ask({ call: "a" });
    await ask({ call: "b", operation: "Query" });
    await ask({ call: "c" });
    expect(injector.failpoints()).toEqual([failpoint(1), failpoint(1, "Query"), failpoint(2)]);
  });

  it("kills the calling process before anything is performed", async () => {
    const { injector, ask, killed, performed } = bench();
    injector.arm(failpoint(2), Fault.killedBefore);
    await ask({ call: "a", by: "door.process-1" });
    await ask({ call: "b", by: "door.process-2" });
    expect([performed, killed]).toEqual([["a"], ["door.process-2"]]);
    expect(injector.struck()?.invocation).toBe("b");
  });

  it("kills it after the request was performed", async () => {
    const { injector, ask, killed, performed } = bench();
    injector.arm(failpoint(1), Fault.killedAfter);
    await ask({ call: "a" });
    expect([performed, killed]).toEqual([["a"], ["door.process-1"]]);
  });

  it("rejects every try of one request, performs none of them, and leaves other requests alone", async () => {
    const { injector, ask, performed } = bench();
    injector.arm(failpoint(1), Fault.refused);
    const statuses = [await ask({ call: "a" }), await ask({ call: "a" }), await ask({ call: "b" })];
    expect([statuses, performed]).toEqual([[400, 400, 200], ["b"]]);
  });

  it("performs every try of a request whose responses are lost", async () => {
    const { injector, ask, performed } = bench();
    injector.arm(failpoint(1), Fault.unanswered);
    const statuses = [await ask({ call: "a" }), await ask({ call: "a" })];
    expect([statuses, performed]).toEqual([
      [500, 500],
      ["a", "a"],
    ]);
  });

  it("affects no other function, and no caller outside functions", async () => {
    const { injector, ask, performed } = bench();
    injector.arm(failpoint(1), Fault.refused);
    await ask({ call: "a", by: "relay.process-1" });
    const stranger = { ...request({ call: "x" }), headers: {} };
    await injector.around(stranger, () => Promise.resolve({ status: 204 }));
    expect(performed).toEqual(["a"]);
    expect(injector.struck()).toBeUndefined();
  });
});
