import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAgentName, parseSessionId, parseTaskId, parseTenantId } from "#core/ids.ts";
import { createQueue } from "#memory/queue/queue.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { addressOf } from "#runtime/agents/task-address.ts";

const digest = createNodeDigest();
const task = (session: string, attempt = 1, tenant = "acme") => ({
  tenant: parseTenantId(tenant),
  session: parseSessionId(session),
  task: parseTaskId("1-2"),
  attempt,
  agent: parseAgentName("greeter"),
  lane: "normal" as const,
});

describe("the address of a task", () => {
  it("is a group of its own for each attempt, with which a second send is dropped", () => {
    const [first, second] = [1, 2].map((attempt) => addressOf(task("s-1", attempt), { digest }));
    expect(first).toEqual({
      agent: "greeter",
      lane: "normal",
      groupId: digest.sha256("acme/s-1/1-2/1"),
      deduplicationId: digest.sha256("acme/s-1/1-2/1"),
    });
    expect(second?.groupId).not.toBe(first?.groupId);
  });

  it("names no tenant and no session in plain text", () => {
    for (const tenantInFlight of [undefined, 3]) {
      const { groupId, deduplicationId } = addressOf(task("secret-1"), { digest, tenantInFlight });
      expect(groupId + deduplicationId).not.toMatch(/acme|secret/);
    }
  });

  it("is one of so many groups of its tenant where that is bounded, and of no other tenant's", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), (tenantInFlight) => {
        const groups = (tenant: string) =>
          new Set(
            Array.from(
              { length: 40 * tenantInFlight },
              (_, at) => addressOf(task(`s-${at}`, 1, tenant), { digest, tenantInFlight }).groupId,
            ),
          );
        const [own, other] = [groups("acme"), groups("globex")];
        expect(own.size).toBe(tenantInFlight);
        expect([...own].filter((group) => other.has(group))).toEqual([]);
      }),
      { numRuns: 20, examples: [[31], [62]] },
    );
  });

  it("keeps a session's attempts in one group, each with an id of its own", () => {
    const [first, second] = [1, 2].map((attempt) =>
      addressOf(task("s-1", attempt), { digest, tenantInFlight: 5 }),
    );
    expect(second?.groupId).toBe(first?.groupId);
    expect(second?.deduplicationId).not.toBe(first?.deduplicationId);
    expect(first?.deduplicationId).toBe(addressOf(task("s-1"), { digest }).deduplicationId);
  });

  it("lets a queue hand out no more of a tenant at once, whatever of it waits, and another tenant's at once", () => {
    const queue = createQueue({ name: "agent.fifo", fifo: true, deduplicationScope: "messageGroup" });
    const send = (session: string, tenant: string) => {
      const { groupId, deduplicationId } = addressOf(task(session, 1, tenant), { digest, tenantInFlight: 3 });
      queue.send(0, { body: tenant, groupId, deduplicationId });
    };
    for (let at = 0; at < 100; at += 1) send(`s-${at}`, "noisy");
    send("s-1", "quiet");
    const bodies: string[] = [];
    for (let at = 0; at < 100; at += 1)
      bodies.push(...queue.receive(0, { max: 1 }).map((received) => received.body));
    expect(bodies.toSorted()).toEqual(["noisy", "noisy", "noisy", "quiet"]);
  });
});
