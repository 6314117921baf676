import { Duration } from "aws-cdk-lib";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { Env } from "#aws/config.ts";
import { agentFunctionName } from "#aws/names.ts";
import type { Contract } from "#core/contract.ts";
import { claimedTimeMs, hostTimeMs } from "#core/group-time.ts";
import { agentEntry } from "../bundling/python-code.ts";
import { checkPart } from "../settings/aws-limits.ts";
import { CustomerKey } from "./customer-key.ts";
import { SpineAgent, type SpineAgentOptions } from "./spine-agent.ts";
import { functionOptionsOf, SpineFunction } from "./spine-function.ts";
import { seenFrom, SpineNames, type ISpine } from "./spine.ts";

export interface SpineAgentGroupOptions extends Omit<SpineAgentOptions, "entry" | "function"> {
  /**
   * The module whose `handler` hosts the agents: `export const handler = hostAgents(one, other)`; with a `runtime` of Python the folder of
   * its modules.
   */
  readonly entry: string;
  /**
   * How long the function may run. @default the sum of its agents' timeouts, plus 5 s; with an effect `once` among them at most that
   * agent's timeout plus 25 s, so that no holder of a claim outlives its claim
   */
  readonly timeout?: Duration;
}

export interface SpineAgentGroupProps extends SpineAgentGroupOptions {
  readonly spine: ISpine;
  /** The group that the contracts name. */
  readonly group: string;
  /** The contracts of its agents. */
  readonly contracts: readonly Pick<Contract, "spec">[];
}

/**
 * Agents that one function hosts: it takes the messages of all their queues, and the door hands it the next task of its group with an
 * answer. Role, memory, bundle and bulkhead are the group's: whoever breaks into one of its agents has the rights of all.
 *
 * @example
 * new SpineAgentGroup(this, "Care", { spine, group: "care", contracts: [greeter], entry: "agents/care.ts" });
 */
export class SpineAgentGroup extends Construct {
  readonly name: string;
  readonly function: lambda.Function;
  /** By name. */
  readonly agents: ReadonlyMap<string, SpineAgent>;

  constructor(scope: Construct, id: string, props: SpineAgentGroupProps) {
    super(scope, id);
    const { spine, group, contracts, entry, runtime, handler, timeout: chosen, ...options } = props;
    CustomerKey.encrypt(this, props.encryptionKey);
    this.name = checkPart("group", group);
    const { prefix } = seenFrom(this, spine);
    const timeout = timeoutOf(this.name, contracts, chosen);
    const names = new SpineNames(this, prefix);
    this.function = new SpineFunction(this, "Host", {
      functionName: agentFunctionName(prefix, this.name),
      description: `Event Spine: the agents of the group ${this.name}`,
      entry: agentEntry(`groups.${this.name}`, { entry, runtime, handler }),
      timeout,
      environment: { ...options.environment, ...names.agentEnvironment(this.name) },
      ...functionOptionsOf(options),
    }).function;
    const own = { ...options, spine, function: this.function };
    this.agents = new Map(
      contracts.map((contract) => {
        const { name } = contract.spec;
        return [name, new SpineAgent(this, `Agent-${name}`, { ...own, contract })] as const;
      }),
    );
    // Each of its agents has set its own.
    this.function.addEnvironment(Env.agent, this.name);
  }
}

function timeoutOf(
  group: string,
  contracts: readonly Pick<Contract, "spec">[],
  chosen: Duration | undefined,
): Duration {
  const specs = contracts.map(({ spec }) => spec);
  if (specs.length === 0) throw new Error(`The group "${group}" has no agents: no contract names it.`);
  const timeoutMs = chosen?.toMilliseconds() ?? hostTimeMs(specs);
  const most = claimedTimeMs(specs);
  if (timeoutMs <= most) return Duration.seconds(Math.floor(timeoutMs / 1_000));
  throw new Error(
    `The function of the group "${group}" may run for ${timeoutMs / 1_000} s, but a claim of an effect in it counts as in doubt after ${most / 1_000} s, when its holder must be dead. ` +
      "Raise the timeoutMs of its agents with an effect, lower those of the others, or host the effect apart.",
  );
}
