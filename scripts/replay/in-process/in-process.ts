import { parseTenantId } from "#core/ids.ts";
import { RIGHTS } from "#core/rights.ts";
import { createMemorySessionLog } from "#memory/memory-session-log.ts";
import { createHttpIngress, type HttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { inProcessSpine } from "#testing/in-process/in-process-spine.ts";
import { serveLoopback, type LoopbackServer } from "#local/http/loopback-server.ts";
import { serviceAgent, understandingAgent } from "../agents.ts";
import { contractsOf, definitionOf, mostServicesInATurn, type Terms } from "../application.ts";
import { createHttpClient } from "../client.ts";
import type { OpenSpine } from "../spine.ts";
import { createMemoryTarget } from "../target.ts";
import { forgetMarkers, NO_ID_WINDOW } from "./forgetful-log.ts";

const TENANT = parseTenantId("local");
const PRODUCER = "replay";
/** A machine that is busy with other things shall leave no gap: every predecessor comes, if late. */
const HELD_MS = 600_000;
/** The agents themselves take no time; a machine that is busy with other things may let them wait for it. */
const PATIENT = { timeoutMs: 300_000, retries: { max: 2, backoffMs: 500 } };

/** The spine in this process, behind HTTP. */
export const openInProcess: OpenSpine = async (conversations, { broken }) => {
  const { dialogues } = conversations;
  const services = [...conversations.services.values()];
  const terms: Terms = { ...PATIENT, rounds: mostServicesInATurn(conversations) };
  const contracts = contractsOf(services, terms);
  const target = createMemoryTarget();
  const log = createMemorySessionLog();
  const spine = inProcessSpine({
    ...definitionOf(contracts, terms),
    agents: [
      understandingAgent(contracts.understanding, dialogues, services),
      ...[...contracts.services.values()].map((one) => serviceAgent(one, dialogues, target)),
    ],
    log: broken === "dedup" ? forgetMarkers(log) : log,
    limits: { heldMs: HELD_MS, ...(broken === "dedup" && NO_ID_WINDOW) },
  });
  const server = await serve(createHttpIngress(spine.engine));
  return {
    tenant: TENANT,
    client: createHttpClient(server.url, PRODUCER),
    log,
    target,
    idle: () => spine.idle(),
    async close() {
      await server.stop();
      await spine.close();
    },
  };
};

function serve(ingress: HttpIngress): Promise<LoopbackServer> {
  const caller = { tenant: TENANT, source: PRODUCER, rights: RIGHTS };
  return serveLoopback(async ({ method, target, headers, body }) => {
    const { pathname, searchParams } = new URL(target, "http://local");
    const query = Object.fromEntries(searchParams);
    const request = { method, path: pathname, query, headers, caller, body: body.toString("utf8") };
    const { status, headers: given, body: text } = await ingress(request);
    return { status, headers: given, body: text };
  });
}
