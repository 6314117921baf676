import { describe, expect, it } from "vitest";
import { createInjector, Fault, type Place } from "#local/faults/injector.ts";
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

const place = (nth: number, operation = "PutItem"): Place => ({
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

describe("the injector of faults", () => {
  it("numbers requests by function, operation and resource, and a repeated try as the same request", async () => {
    const { injector, ask } = bench();
    injector.record();
    await ask({ call: "a" });
    await ask({ call: "a" });
    await ask({ call: "b", operation: "Query" });
    await ask({ call: "c" });
    expect(injector.places()).toEqual([place(1), place(1, "Query"), place(2)]);
  });

  it("kills the process that asks before anything is performed", async () => {
    const { injector, ask, killed, performed } = bench();
    injector.arm(place(2), Fault.killedBefore);
    await ask({ call: "a", by: "door.process-1" });
    await ask({ call: "b", by: "door.process-2" });
    expect([performed, killed]).toEqual([["a"], ["door.process-2"]]);
    expect(injector.struck()?.invocation).toBe("b");
  });

  it("kills it after the request was performed", async () => {
    const { injector, ask, killed, performed } = bench();
    injector.arm(place(1), Fault.killedAfter);
    await ask({ call: "a" });
    expect([performed, killed]).toEqual([["a"], ["door.process-1"]]);
  });

  it("refuses every try of one request, performs none of them, and leaves the others alone", async () => {
    const { injector, ask, performed } = bench();
    injector.arm(place(1), Fault.refused);
    const statuses = [await ask({ call: "a" }), await ask({ call: "a" }), await ask({ call: "b" })];
    expect([statuses, performed]).toEqual([[400, 400, 200], ["b"]]);
  });

  it("performs every try of a request whose answers are lost", async () => {
    const { injector, ask, performed } = bench();
    injector.arm(place(1), Fault.unanswered);
    const statuses = [await ask({ call: "a" }), await ask({ call: "a" })];
    expect([statuses, performed]).toEqual([
      [500, 500],
      ["a", "a"],
    ]);
  });

  it("strikes no other function, and nobody who is no function", async () => {
    const { injector, ask, performed } = bench();
    injector.arm(place(1), Fault.refused);
    await ask({ call: "a", by: "relay.process-1" });
    const stranger = { ...request({ call: "x" }), headers: {} };
    await injector.around(stranger, () => Promise.resolve({ status: 204 }));
    expect(performed).toEqual(["a"]);
    expect(injector.struck()).toBeUndefined();
  });
});
