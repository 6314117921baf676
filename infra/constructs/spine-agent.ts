import { Duration } from "aws-cdk-lib";
import type * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { Contract, ContractSpec } from "#core/contract.ts";
import { hostTimeMs, workTimeMs } from "#core/group-time.ts";
import { Env } from "#aws/config.ts";
import { AgentMetric } from "#aws/observe/metrics.ts";
import { RETURNS } from "#core/returns.ts";
import { agentFunctionName, agentQueueSuffix, queueName } from "#aws/names.ts";
import { agentEntry } from "../bundling/python-code.ts";
import { checkPart } from "../settings/aws-limits.ts";
import { bothBounds, readPollers, type ProvisionedPollers } from "../settings/provisioned-pollers.ts";
import { CustomerKey } from "./customer-key.ts";
import { ring, type Bell } from "./alarm.ts";
import { agentMetric, ageOf, largestOf, throttlesOf } from "./spine-metrics.ts";
import { functionOptionsOf, SpineFunction, type FunctionOptions } from "./spine-function.ts";
import { SpineQueue, visibilityFor, type FeedOptions } from "./spine-queue.ts";
import { seenFrom, SpineNames, type ISpine } from "./spine.ts";

/** A mapping that may run one batch only would let one slow task hold up all others. */
const LEAST_CONCURRENCY = 2;
/** A dead letter is taken within a second; one so old has been tried ten times. */
const STUCK_SECONDS = 600;

export interface SpineAgentOptions extends FunctionOptions {
  /**
   * The module whose `handler` hosts the agent: `export const handler = hostAgent(agent)`; with a `runtime` of Python the folder of its
   * modules, deployed as it is. @default none, with `function`
   */
  readonly entry?: string;
  /** A runtime of Python, from 3.10 (docs/agents-in-any-language.md). @default Node 24, for which `entry` is bundled */
  readonly runtime?: lambda.Runtime;
  /** With a `runtime` of Python: `module.function`, such as `agent.handler`. @default none */
  readonly handler?: string;
  /** The agent's function in any language, instead of `entry`; it gets the spine's variables. @default created from `entry` */
  readonly function?: lambda.Function;
  /** How long the function may run. @default the longest timeout that contract and flows allow, plus 5 s */
  readonly timeout?: Duration;
  /** A separate queue for urgent tasks. Without one, no flow of this agent may start with an urgent event. @default true */
  readonly express?: boolean;
  /** Concurrent tasks in each lane, 2 to 1,000: the agent's bulkhead. @default 50 */
  readonly maxConcurrency?: number;
  /**
   * Pollers that stand ready for each lane, billed by the hour (docs/deploy.md#what-it-costs); not together with `maxConcurrency`.
   * @default Lambda's mapping starts with a few and goes up while tasks wait
   */
  readonly provisionedPollers?: ProvisionedPollers;
  /** The agent says what it does while it works (`task.progress`): it may invoke the spine's function for that. @default false */
  readonly progress?: boolean;
  /**
   * ARNs of the functions that it calls (`lambdaAgent`, `durableFunctionAgent`), each as its adapter names it, with its qualifier: the
   * right to call these and no others. @default none
   */
  readonly invokes?: readonly string[];
  /** The agent's own variables, in addition to those that the spine sets. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * A customer's key for its queues and its log, in a separate stack; agents in the spine's stack use the spine's key.
   * @default AWS's own keys
   */
  readonly encryptionKey?: kms.IKey;
  /** The actions of its alarms. @default those of the spine; for a spine of another stack its topic of alarms */
  readonly alarmActions?: readonly cloudwatch.IAlarmAction[];
}

export interface SpineAgentProps extends SpineAgentOptions {
  readonly spine: ISpine;
  readonly contract: Pick<Contract, "spec">;
}

/**
 * One agent: its queues, its function and its role. Of the spine's resources, the role has access to the agent's own queues,
 * the door and answers.fifo; grant other access on `agent.function`.
 *
 * @example
 * const agent = new SpineAgent(this, "Greeter", { spine, contract: greeter, entry: "agents/greeter.ts" });
 * table.grantReadData(agent.function);
 */
export class SpineAgent extends Construct {
  readonly name: string;
  readonly function: lambda.Function;
  readonly normal: SpineQueue;
  readonly express: SpineQueue | undefined;
  readonly alarms: readonly cloudwatch.Alarm[];

  constructor(scope: Construct, id: string, props: SpineAgentProps) {
    super(scope, id);
    CustomerKey.encrypt(this, props.encryptionKey);
    const { spec } = props.contract;
    this.name = checkPart("agent", spec.name);
    const spine = seenFrom(this, props.spine);
    const names = new SpineNames(this, spine.prefix);
    const timeout = timeoutOf(props);
    this.function = this.functionOf(props, names, timeout, spine.callbackUrl);
    spine.grantAnswer(this.function);
    if (props.progress === true) names.grantProgress(this.function);
    grantInvokes(this.function, this.name, props.invokes);

    const bulkhead = bulkheadOf(props);
    const lane = (laneId: string, lane: "normal" | "express"): SpineQueue => {
      const queue = new SpineQueue(this, laneId, {
        queueName: queueName(spine.prefix, agentQueueSuffix(this.name, lane)),
        visibilityTimeout: visibilityFor(timeout),
        receives: RETURNS.tasks.receives,
      });
      queue.feed(this.function, timeout, { batchSize: 1, ...bulkhead });
      queue.recoverBy(spine.recoveryName);
      return queue;
    };
    this.normal = lane("Normal", "normal");
    this.express = (props.express ?? true) ? lane("Express", "express") : undefined;
    this.alarms = this.ringing({
      prefix: spine.prefix,
      alarmActions: props.alarmActions ?? spine.alarmActions,
    });
  }

  private ringing(bell: Bell): readonly cloudwatch.Alarm[] {
    const { name } = this;
    const lanes = [this.normal, ...(this.express === undefined ? [] : [this.express])];
    return [
      ring(this, `agent-${name}-letters`, bell, {
        description: `tasks of the agent ${name} became dead letters: its function crashes on them or is not invoked.`,
        metric: agentMetric(bell.prefix, name, AgentMetric.agentLetters),
      }),
      ring(this, `agent-${name}-stuck`, bell, {
        description: `recovery does not process the dead letters of the agent ${name}; they are kept for 14 days.`,
        metric: largestOf(
          lanes.map(({ deadLetters }) => ageOf(deadLetters)),
          "oldest dead letter",
        ),
        threshold: STUCK_SECONDS,
      }),
      ring(this, `agent-${name}-throttled`, bell, {
        description: `Lambda throttles the agent ${name}: the account has no concurrency left.`,
        metric: throttlesOf(this.function),
      }),
    ];
  }

  private functionOf(
    props: SpineAgentProps,
    names: SpineNames,
    timeout: Duration,
    callbackUrl: string | undefined,
  ): lambda.Function {
    const isLater = props.contract.spec.functionMs !== undefined;
    const environment = {
      ...props.environment,
      ...names.agentEnvironment(this.name),
      ...(isLater && callbackUrl !== undefined && { [Env.callbackUrl]: callbackUrl }),
      ...(props.progress === true && names.progressEnvironment),
    };
    const { entry, function: own, runtime, handler } = props;
    if ((entry === undefined) === (own === undefined)) {
      throw new Error(`The agent "${this.name}" needs either entry or function, but not both.`);
    }
    if (own !== undefined && (runtime !== undefined || handler !== undefined))
      throw new Error(`The agent "${this.name}" has a function of its own: leave out runtime and handler.`);
    if (entry !== undefined) {
      const made = new SpineFunction(this, "Host", {
        functionName: agentFunctionName(names.prefix, this.name),
        description: `Event Spine: the agent ${this.name}`,
        entry: agentEntry(`agents.${this.name}`, { entry, runtime, handler }),
        timeout,
        environment,
        ...functionOptionsOf(props),
      });
      return made.function;
    }
    return adopt(own as lambda.Function, environment);
  }
}

function grantInvokes(own: lambda.Function, agent: string, arns: readonly string[] = []): void {
  const wide = arns.find((arn) => arn.includes("*"));
  if (wide !== undefined)
    throw new Error(
      `The agent "${agent}" invokes "${wide}", which names more than one function. Name each by its ARN.`,
    );
  if (arns.length > 0)
    iam.Grant.addToPrincipal({ grantee: own, actions: ["lambda:InvokeFunction"], resourceArns: [...arns] });
}

/** A function that somebody else made joins the loop of queues and functions. */
function adopt(own: lambda.Function, environment: Readonly<Record<string, string>>): lambda.Function {
  for (const [name, value] of Object.entries(environment)) own.addEnvironment(name, value);
  (own.node.defaultChild as lambda.CfnFunction).recursiveLoop = lambda.RecursiveLoop.ALLOW;
  return own;
}

function timeoutOf({ contract: { spec }, timeout, function: own }: SpineAgentProps): Duration {
  const promised = Math.ceil(workTimeMs(spec) / 1_000);
  const chosen = own?.timeout ?? timeout ?? Duration.seconds(Math.ceil(hostTimeMs([spec]) / 1_000));
  if (chosen.toSeconds() >= promised) return chosen;
  throw new Error(
    `The function of agent "${spec.name}" may run for ${chosen.toSeconds()} s, but its contract promises an answer within ${promised} s. Raise the function's timeout or lower the contract's timeoutMs.`,
  );
}

/** How much of an agent runs at once: by its mapping's bound, or by its pollers. */
function bulkheadOf({
  contract: { spec },
  provisionedPollers,
  maxConcurrency,
}: SpineAgentProps): Pick<FeedOptions, "maxConcurrency" | "pollers"> {
  if (provisionedPollers === undefined) return { maxConcurrency: concurrencyOf(spec, maxConcurrency) };
  if (maxConcurrency !== undefined) throw bothBounds(spec.name);
  return { pollers: readPollers(spec.name, provisionedPollers) };
}

function concurrencyOf(spec: Pick<ContractSpec, "name">, maxConcurrency = 50): number {
  if (maxConcurrency >= LEAST_CONCURRENCY) return maxConcurrency;
  throw new Error(
    `maxConcurrency of agent "${spec.name}" is ${maxConcurrency}; Lambda accepts ${LEAST_CONCURRENCY} to 1000.`,
  );
}
