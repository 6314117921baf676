import * as z from "zod/mini";
import { defineAgent, type Contract } from "#core/contract.ts";
import { defineApplication, type Application } from "#core/flow/compile.ts";
import { defineFlow, reply, sequence, step } from "#core/flow/build.ts";
import type { Digest } from "#ports/secrets.ts";
import type { Params } from "../params.ts";
import { agentDeadlineMs, type Workload } from "./arm.ts";

export const EVENT = "Asked";

const section = z.object({ agent: z.string(), message: z.number(), facts: z.number() });

export interface BenchApplication {
  readonly application: Application;
  readonly contracts: readonly Contract[];
}

/** The workload as contracts and a flow: each agent reads the message, the facts and what the agent before it has written. */
export function applicationOf(
  workload: Workload,
  params: Params,
  { digest, group }: { readonly digest: Digest; readonly group?: string | undefined },
): BenchApplication {
  const { wellBuilt } = params;
  const contracts = workload.agents.map((name, at) =>
    defineAgent({
      name,
      reads: ["input", "session", ...workload.agents.slice(Math.max(0, at - 1), at)],
      output: section,
      ...(group !== undefined && { group }),
      timeoutMs: agentDeadlineMs(params, workload),
      retries: { max: wellBuilt.agentAttempts - 1, backoffMs: 200 },
      effect: name === workload.effectOf ? "once" : "none",
      // Its target knows the task's key.
      onDoubt: "repeat",
    }),
  );
  const flow = defineFlow({
    name: "bench",
    on: EVENT,
    plan: sequence(...contracts.map((contract) => step(contract)), reply(`[${workload.agents.join(", ")}]`)),
  });
  return { application: defineApplication({ agents: contracts, flows: [flow] }, digest), contracts };
}
