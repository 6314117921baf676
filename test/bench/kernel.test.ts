import { describe, expect, it } from "vitest";
import { parseAgentName } from "#core/ids.ts";
import { createQueues } from "#testing/in-process/in-process-queues.ts";
import { EPOCH } from "../../scripts/bench/arms/spine-ports.ts";
import { Pollers } from "../../scripts/bench/arms/spine-pollers.ts";
import { arrivalTimes } from "../../scripts/bench/client.ts";
import { startAndAwait, type Environment } from "../../scripts/bench/kernel/environment.ts";
import { Account, FunctionPool, type FunctionSpec } from "../../scripts/bench/kernel/function-pool.ts";
import { Kernel, type KernelOptions } from "../../scripts/bench/kernel/kernel.ts";
import { Meter } from "../../scripts/bench/kernel/meter.ts";
import { PARAMS, withParam } from "../../scripts/bench/params.ts";

const LABEL = { session: "s", agent: "a" };

function bench(options: Partial<KernelOptions> = {}) {
  const kernel = new Kernel({ seed: 1, params: PARAMS, faults: 0, ...options });
  const meter = new Meter();
  const account = new Account(1_000);
  const pool = (spec: Partial<FunctionSpec> = {}) =>
    new FunctionPool(kernel, meter, account, {
      name: "f",
      cause: "f",
      cap: 1,
      timeoutMs: 29_000,
      memoryMb: 1_769,
      warm: 1,
      ...spec,
    });
  return { kernel, meter, pool };
}

/** Erlang's B: the share that is refused where c servers are offered so much. */
function erlangB(servers: number, offered: number): number {
  let blocked = 1;
  for (let n = 1; n <= servers; n += 1) blocked = (offered * blocked) / (n + offered * blocked);
  return blocked;
}

describe("the simulator of the bench", () => {
  const SERVERS = 4;
  const SERVICE_MS = 100;
  const PER_SECOND = 30;
  const FOR_MS = 1_000_000;
  const offered = (PER_SECOND * SERVICE_MS) / 1_000;

  it("refuses what Erlang's B says, where a function has no room and nothing waits", async () => {
    const { kernel, pool } = bench();
    const servers = pool({ cap: SERVERS, warm: SERVERS });
    let refused = 0;
    const times = arrivalTimes(kernel, { perSecond: PER_SECOND, forMs: FOR_MS, bursty: false });
    for (const at of times)
      kernel.at(at, () => {
        const serviceMs = -Math.log(1 - kernel.draw(LABEL, "service")) * SERVICE_MS;
        if (
          !servers.start(
            LABEL,
            (environment) => environment.sleep(serviceMs),
            () => undefined,
          )
        )
          refused += 1;
      });
    await kernel.run();
    expect(refused / times.length / erlangB(SERVERS, offered)).toBeCloseTo(1, 1);
  });

  it("lets messages of a queue wait as long as M/M/c says", async () => {
    const params = withParam(PARAMS, "functions.pollersAtFirst", SERVERS);
    const { kernel, pool } = bench({ params });
    const queues = createQueues([parseAgentName("a")], { agentTimeoutMs: () => 29_000 });
    const source = queues.sources.find(({ duty }) => duty.type === "agent" && duty.lane === "normal");
    if (source === undefined) throw new Error("The agent has no queue.");
    const pollers = new Pollers(kernel);
    let waitedMs = 0;
    pollers.feed({
      source,
      pool: pool({ cap: SERVERS, warm: SERVERS }),
      labelOf: () => LABEL,
      handler: (environment) => async (batch) => {
        for (const { body } of batch.messages) waitedMs += kernel.now - Number(body);
        await environment.sleep(-Math.log(1 - kernel.draw(LABEL, "service")) * SERVICE_MS);
      },
    });
    const times = arrivalTimes(kernel, { perSecond: PER_SECOND, forMs: FOR_MS / 2, bursty: false });
    for (const [index, at] of times.entries())
      kernel.at(at, () => {
        const id = `m${index}`;
        source.queue.send(EPOCH + kernel.now, { body: String(kernel.now), groupId: id, deduplicationId: id });
        pollers.shown(source.queue);
      });
    await kernel.run();
    const waits = erlangB(SERVERS, offered) / (1 - (offered / SERVERS) * (1 - erlangB(SERVERS, offered)));
    const expectedMs = (waits * SERVICE_MS) / (SERVERS - offered);
    expect(waitedMs / times.length / expectedMs).toBeCloseTo(1, 0);
  });

  it("gives a function the share of a processor that its memory buys, one piece of work after another", async () => {
    const { kernel, meter, pool } = bench();
    const half = pool({ memoryMb: 1_769 / 2 });
    let tookMs = 0;
    half.start(
      LABEL,
      async (environment) => {
        await Promise.all([environment.cpu(10), environment.cpu(10)]);
        tookMs = kernel.now;
      },
      () => undefined,
    );
    await kernel.run();
    expect(tookMs).toBeCloseTo(40, 6);
    expect(meter.totalCpuMs).toBe(20);
  });

  it("starts cold where no environment is idle, or all have been for too long", async () => {
    const { kernel, pool } = bench();
    const one = pool({ warm: 0 });
    const begun: number[] = [];
    const call = () =>
      void one.start(
        LABEL,
        () => Promise.resolve(begun.push(kernel.now)),
        () => undefined,
      );
    for (const at of [0, 10_000, 10_000_000]) kernel.at(at, call);
    await kernel.run();
    const { coldStartMs } = PARAMS.functions;
    expect(begun).toEqual([coldStartMs, 10_000, 10_000_000 + coldStartMs]);
  });

  it("ends a function at its timeout, and what it had asked for goes on", async () => {
    const { kernel, pool } = bench();
    const inner = pool({ name: "inner" });
    const outer = pool({ name: "outer", timeoutMs: 1_000 });
    let worked = false;
    const work = async (environment: Environment) => {
      await environment.sleep(5_000);
      worked = true;
    };
    let said = "";
    kernel.at(0, () => {
      startAndAwait(outer, LABEL, (environment) => environment.invoke(inner, LABEL, work)).catch(
        (error: unknown) => (said = String(error)),
      );
    });
    await kernel.run();
    expect(said).toContain("outer ran out of time");
    expect(worked).toBe(true);
  });

  it("tries a throttled call again with the SDK's pauses, and gives up after its attempts", async () => {
    const { kernel, meter, pool } = bench();
    const full = pool({ name: "full", cap: 0 });
    const caller = pool({ name: "caller" });
    let said = "";
    kernel.at(0, () => {
      startAndAwait(caller, LABEL, (environment) =>
        environment.invoke(full, LABEL, () => Promise.resolve()),
      ).catch((error: unknown) => (said = String(error)));
    });
    await kernel.run();
    expect(meter.requests.get("Invoke")).toBe(PARAMS.sdk.attempts);
    expect(said).toContain("throttled");
  });

  it("draws the same for a session whatever else happens", () => {
    const { kernel } = bench();
    const first = kernel.draw({ session: "s7", agent: "a1" }, "model");
    const other = bench().kernel;
    other.draw({ session: "s6", agent: "a1" }, "model");
    expect(other.draw({ session: "s7", agent: "a1" }, "model")).toBe(first);
    expect(other.draw({ session: "s7", agent: "a1" }, "model")).not.toBe(first);
  });

  it("sends bursts with the same mean as even arrivals, and the spread that was asked for", () => {
    const { kernel } = bench();
    const gapsOf = (bursty: boolean) => {
      const times = arrivalTimes(kernel, { perSecond: 10, forMs: 2_000_000, bursty });
      return times.map((at, index) => at - (times[index - 1] ?? 0));
    };
    const cv = (gaps: readonly number[]) => {
      const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
      const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
      return { mean, cv: Math.sqrt(variance) / mean };
    };
    const even = cv(gapsOf(false));
    const bursty = cv(gapsOf(true));
    expect(even.mean / 100).toBeCloseTo(1, 1);
    expect(bursty.mean / 100).toBeCloseTo(1, 1);
    expect(even.cv).toBeCloseTo(1, 1);
    expect(bursty.cv / PARAMS.load.burstyCv).toBeCloseTo(1, 1);
  });
});
