import { Annotations, CfnOutput, CfnResource, Stack, Token, type Duration } from "aws-cdk-lib";
import type * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as actions from "aws-cdk-lib/aws-cloudwatch-actions";
import type * as events from "aws-cdk-lib/aws-events";
import type * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import type { Contract } from "#core/contract.ts";
import { contractsOf } from "#core/flow/application.ts";
import { formatFinding } from "#core/flow/lint.ts";
import type { Ceilings } from "#core/session/limits.ts";
import type { Callers } from "#aws/callers.ts";
import { DEFAULT_PREFIX, spineInName, spineOutName, type CommitCodec } from "#aws/names.ts";
import {
  checkApplication,
  loadApplication,
  longestTimeoutMs,
  type LoadedApplication,
} from "../application.ts";
import { checkForm } from "../commit-form.ts";
import { resourceProblems } from "../limits.ts";
import { coreConcurrency, type CoreConcurrency } from "../concurrency.ts";
import { checkCeilings } from "../ceilings.ts";
import type { TenantQuotas } from "../quotas.ts";
import { AlarmTopic } from "./alarm-topic.ts";
import { callingAccounts, checkRights, checkTenants, type CallerRights, type Tenants } from "../tenants.ts";
import { BlobStore } from "./blob-store.ts";
import { Coordinator } from "./coordinator.ts";
import { Door } from "./door.ts";
import { FarDeadlines } from "./far-deadlines.ts";
import type { Foundation } from "./foundation.ts";
import { Inbox } from "./inbox.ts";
import { Ingress } from "./ingress.ts";
import { Intake } from "./intake.ts";
import { Operator } from "./operator.ts";
import { PersonalKey, personalPaths, type PersonalPaths } from "./personal-key.ts";
import { Recovery } from "./recovery.ts";
import { Relay } from "./relay.ts";
import { Retention, retentionTimes } from "./retention.ts";
import { SessionLogTable, type SessionLogTableProps } from "./session-log-table.ts";
import { SpineAlarms, type SpineAlarmsProps } from "./spine-alarms.ts";
import { SpineAgent, type SpineAgentOptions } from "./spine-agent.ts";
import { SpineDashboard } from "./spine-dashboard.ts";
import { SpineBus, type Producer } from "./spine-bus.ts";
import type { FunctionOptions } from "./spine-function.ts";
import { NamedSpine, SpineNames, type ISpine } from "./spine.ts";
import { TokenSecret } from "./token-secret.ts";

export interface EventSpineProps extends FunctionOptions, SessionLogTableProps {
  /** The module that exports `applicationDefinition`: contracts, flows and event schemas. */
  readonly application: string;
  /** The agents that this stack hosts, by name. @default none */
  readonly agents?: Readonly<Record<string, SpineAgentOptions>>;
  /** Agents of the application that other stacks host, with `EventSpine.fromName`. @default none */
  readonly agentsElsewhere?: readonly string[];
  /** Ordered subscriptions that other stacks have deployed. Those made with this spine are known. @default none */
  readonly subscriptions?: readonly string[];
  /** What all names start with; two spines in one account and Region differ by it. @default "spine" */
  readonly prefix?: string;
  /** Who may put events of which source on spine-in; others are denied. @default any source, whoever has the right by IAM */
  readonly producers?: readonly Producer[];
  /**
   * The tenant of each caller: of a role's ARN (without its path) or an account's number over HTTP, of `account/source` on
   * spine-in, which takes `producers` of that source. Accounts other than the spine's are let through. Others are refused. @default one tenant, "default", and IAM alone says who may call
   */
  readonly tenants?: Tenants;
  /**
   * What callers may do with the sessions of their tenant, by role's ARN (without its path), account's number or `account/source`; `*` is
   * every one without an entry: `send` events, `read` sessions, `answer` questions, `command`: stop and cancel. @default to send alone
   */
  readonly rights?: CallerRights;
  /**
   * How many events each tenant may send, over HTTP and on spine-in together. Over HTTP what is more is refused with 429, on
   * spine-in it waits. @default nobody's events are counted
   */
  readonly quotas?: TenantQuotas;
  /**
   * What no event's budget lifts: tokens, money and hops of a run, its time, and that of a session from its first event on. A budget above
   * one is capped. @default 1,000 hops, and no other
   */
  readonly ceilings?: Ceilings;
  /**
   * How long a session stays after the last that happened in it, by tenant; `*` is every tenant that is not named. Then only a
   * tombstone is left. @default sessions stay for ever
   */
  readonly retention?: Readonly<Record<string, Duration>>;
  /**
   * Paths of the context that hold personal values, such as `input.email`, by tenant; `*` is every tenant that is not named. They
   * are stored and published as ciphertext under a key per session. @default none
   */
  readonly personal?: PersonalPaths;
  /**
   * A key of KMS that is there already, for the personal values of sessions. @default one is made where there are paths; it stays, and
   * opens what it sealed, when the paths go
   */
  readonly personalKey?: kms.IKey;
  /**
   * How the texts of new commits are written: `deflate-1` compressed, `plain` as they are. Every version reads what it can
   * write, so a codec is switched to when no function runs any more that does not know it: the version first, with the codec
   * of before, and then the codec. @default "deflate-1"
   */
  readonly commitCodec?: CommitCodec;
  /** The newest form in which commits are written, switched to as a codec is; 2 for a new spine (docs/deploy.md). @default 1, which every version reads */
  readonly commitForm?: number;
  /** Batches of one shard of the log's stream that are relayed side by side, 1 to 10. @default 2 */
  readonly relayParallelization?: number;
  /**
   * What alarms do when they ring, those of agents and subscriptions included. Agents in stacks of their own tell the topic
   * `{prefix}-alarms` unless they are given actions. @default they tell that topic, to which you subscribe
   */
  readonly alarmActions?: readonly cloudwatch.IAlarmAction[];
  /** E-mail addresses that the topic `{prefix}-alarms` tells, once each has confirmed it. @default nobody until you subscribe somebody */
  readonly alarmEmails?: readonly string[];
  /** Whether there is a dashboard of the spine's metrics, $3.00 a month beyond an account's first three. @default true */
  readonly dashboard?: boolean;
  /** Batches of the core's queues that are worked on side by side (docs/quotas.md). */
  readonly concurrency?: CoreConcurrency;
  /** Environments that are kept for the door, whatever else runs in the account. @default none are */
  readonly doorConcurrency?: number;
}

/**
 * A whole spine: buses, queues, log, functions and agents. Synthesis fails when the flows' linter finds an error, or when
 * an agent of the application runs nowhere.
 *
 * @example
 * new EventSpine(this, "Spine", { application: "application.ts", agents: { greeter: { entry: "agents/greeter.ts" } } });
 */
export class EventSpine extends Construct implements ISpine {
  readonly prefix: string;
  readonly spineIn: SpineBus;
  readonly spineOutBus: SpineBus;
  readonly log: SessionLogTable;
  readonly blobs: BlobStore;
  readonly tokens: TokenSecret;
  readonly inbox: Inbox;
  readonly ingress: Ingress;
  readonly intake: Intake;
  readonly door: Door;
  readonly coordinator: Coordinator;
  readonly farDeadlines: FarDeadlines;
  readonly relay: Relay;
  readonly recovery: Recovery;
  readonly operator: Operator;
  /** Where tenants declare personal values. */
  readonly personalKey: PersonalKey | undefined;
  /** Where sessions do not stay for ever. */
  readonly retention: Retention | undefined;
  readonly alarmTopic: AlarmTopic;
  readonly alarmActions: readonly cloudwatch.IAlarmAction[];
  /** Those of the spine itself; agents and subscriptions have their own. */
  readonly alarms: SpineAlarms;
  readonly dashboard: SpineDashboard | undefined;
  private readonly names: SpineNames;
  private readonly application: LoadedApplication;
  private readonly agents = new Map<string, SpineAgent>();
  private readonly subscriptions: Set<string>;

  /** A spine that another stack or repository deploys, found by its prefix in the same account and Region. */
  static fromName(scope: Construct, id: string, prefix: string = DEFAULT_PREFIX): ISpine {
    return new NamedSpine(scope, id, prefix);
  }

  constructor(scope: Construct, id: string, props: EventSpineProps) {
    super(scope, id);
    this.names = new SpineNames(this, props.prefix ?? DEFAULT_PREFIX);
    this.prefix = this.names.prefix;
    this.application = loadApplication(props.application);
    this.subscriptions = new Set(props.subscriptions);

    this.spineIn = new SpineBus(this, "SpineIn", {
      busName: spineInName(this.prefix),
      description: "Event Spine: inputs from outside",
    });
    const { tenants = {} } = props;
    checkTenants(tenants, props.producers);
    checkRights(props.rights ?? {}, props.tenants);
    const { account } = Stack.of(this);
    // Where the stack may be deployed to any account, each that is named may be another one.
    const accounts = callingAccounts(tenants, Token.isUnresolved(account) ? undefined : account);
    this.spineIn.admitSources(props.producers ?? []);
    for (const { account, onBus } of accounts)
      if (onBus !== undefined) this.spineIn.admitAccount(account, onBus);
    this.spineOutBus = new SpineBus(this, "SpineOut", {
      busName: spineOutName(this.prefix),
      description: "Event Spine: every commit, published by the relay",
    });
    this.log = new SessionLogTable(this, "Log", props);
    this.blobs = new BlobStore(this, "Blobs", props);
    this.tokens = new TokenSecret(this, "Tokens", props);
    this.alarmTopic = new AlarmTopic(this, "AlarmTopic", { prefix: this.prefix, emails: props.alarmEmails });
    this.alarmActions = props.alarmActions ?? [new actions.SnsAction(this.alarmTopic.topic)];
    this.inbox = new Inbox(this, "Inbox", { prefix: this.prefix });

    const paths = personalPaths(props.personal);
    const { prefix } = this;
    const { personalKey: existing, removalPolicy } = props;
    this.personalKey = paths && new PersonalKey(this, "Personal", { prefix, existing, removalPolicy });
    const foundation: Foundation = {
      ...this.foundation(props),
      personal: paths && this.personalKey && { paths, key: this.personalKey },
    };
    const callers: Callers = {
      ...(props.tenants !== undefined && { tenants: props.tenants }),
      ...(props.rights !== undefined && { rights: props.rights }),
    };
    this.ingress = new Ingress(this, "Ingress", {
      foundation,
      callers,
      accounts,
      quotas: props.quotas,
    });
    this.intake = new Intake(this, "Intake", {
      foundation,
      spineIn: this.spineIn,
      callers,
      quotas: props.quotas,
    });
    this.door = new Door(this, "Door", { foundation, reservedConcurrency: props.doorConcurrency });
    this.coordinator = new Coordinator(this, "Coordinator", { foundation, inbox: this.inbox });
    this.farDeadlines = new FarDeadlines(this, "FarDeadlines", { names: this.names });
    const times = retentionTimes(props.retention);
    this.relay = new Relay(this, "Relay", {
      retention: times,
      foundation,
      spineOut: this.spineOutBus,
      farDeadlines: this.farDeadlines,
      subscriptions: () => [...this.subscriptions].toSorted(),
      parallelizationFactor: props.relayParallelization,
    });
    if (this.subscriptions.size > 0) this.relay.allowSubscriptions();
    this.recovery = new Recovery(this, "Recovery", {
      foundation,
      queues: [this.inbox.inputs, this.inbox.answers, this.intake.queue, this.relay.retries],
    });

    this.operator = new Operator(this, "Operator", { foundation, watch: this.recovery.watch });

    this.retention = times && new Retention(this, "Retention", { foundation, times });

    const watched = this.watched();
    this.alarms = new SpineAlarms(this, "Alarms", watched);
    for (const [name, options] of Object.entries(props.agents ?? {})) this.host(name, options, props);
    this.dashboard = (props.dashboard ?? true) ? this.show(watched) : undefined;
    this.check(new Set(Object.keys(props.agents ?? {})), new Set(props.agentsElsewhere));
    this.output();
  }

  get recoveryName(): string {
    return this.recovery.handler.function.functionName;
  }

  get spineOut(): events.IEventBus {
    return this.spineOutBus.bus;
  }

  /** An agent that this stack hosts. */
  agent(name: string): SpineAgent {
    const agent = this.agents.get(name);
    if (agent !== undefined) return agent;
    throw new Error(`This spine hosts no agent "${name}". It hosts: ${[...this.agents.keys()].join(", ")}.`);
  }

  grantPublish(grantee: iam.IGrantable): iam.Grant {
    return this.names.grantPublish(grantee);
  }

  grantSend(grantee: iam.IGrantable): iam.Grant {
    return this.names.grantSend(grantee);
  }

  grantAnswer(grantee: iam.IGrantable): iam.Grant {
    return this.names.grantAnswer(grantee);
  }

  /** Read sessions whole: the log, and the texts that it refers to. */
  grantReadSession(grantee: iam.IGrantable): iam.Grant {
    return this.log.grantReadSession(grantee).combine(this.blobs.grantRead(grantee));
  }

  /** Ask for letters, send them back or close them, unpark sessions, relay commits again. */
  grantOperate(grantee: iam.IGrantable): iam.Grant {
    return this.operator.grantOperate(grantee);
  }

  /** Erase sessions that have come to rest. Only a spine with a retention has the function that may. */
  grantErase(grantee: iam.IGrantable): iam.Grant {
    if (this.retention !== undefined) return this.retention.grantErase(grantee);
    throw new Error(
      "This spine has no retention, so nothing of it may delete sessions. Declare one, however long.",
    );
  }

  announceSubscription(name: string): boolean {
    this.subscriptions.add(name);
    this.relay.allowSubscriptions();
    return true;
  }

  private foundation(props: EventSpineProps): Foundation {
    const { names, log, blobs, tokens } = this;
    const { commitCodec, commitForm, memorySize, logRetention, tracing, systemLogLevel } = props;
    return {
      names,
      application: this.application.path,
      concurrency: coreConcurrency(props.concurrency),
      log,
      blobs,
      tokens,
      commitCodec,
      ceilings: props.ceilings && checkCeilings(props.ceilings),
      commitForm: commitForm === undefined ? undefined : checkForm(commitForm),
      memorySize,
      logRetention,
      tracing,
      systemLogLevel,
    };
  }

  private watched(): SpineAlarmsProps {
    const { inputs, answers } = this.inbox;
    return {
      bell: this,
      functions: {
        ingress: this.ingress.handler,
        intake: this.intake.handler,
        door: this.door.handler,
        coordinator: this.coordinator.handler,
        relay: this.relay.handler,
        recovery: this.recovery.handler,
        retention: this.retention?.handler,
      },
      ingress: this.ingress.handler,
      relay: this.relay.handler,
      recovered: {
        inputs,
        answers,
        events: this.intake.queue,
        commits: this.relay.retries,
        deadlines: this.recovery.deadlines,
      },
      awaited: { inputs, answers },
      spineIn: this.spineIn,
      log: this.log,
      watch: this.recovery.watch,
      farDeadlines: this.farDeadlines,
      hasRetention: this.retention !== undefined,
    };
  }

  private show({ functions, ingress, relay, recovered, log }: SpineAlarmsProps): SpineDashboard {
    const hosted = [...this.agents.values()].flatMap(({ alarms }) => alarms);
    return new SpineDashboard(this, "Dashboard", {
      prefix: this.prefix,
      alarms: [...this.alarms.all, ...hosted],
      functions,
      ingress,
      relay,
      recovery: this.recovery.handler,
      queues: Object.values(recovered),
      log,
      agents: contractsOf(this.application.definition).map(({ spec }) => spec.name),
    });
  }

  private host(name: string, options: SpineAgentOptions, defaults: FunctionOptions): void {
    const contract = this.contractOf(name);
    // An unknown name is reported with everything else that is wrong, when the stack is checked.
    if (contract === undefined) return;
    const { memorySize, logRetention, tracing, systemLogLevel } = defaults;
    const agent = new SpineAgent(this, `Agent-${name}`, {
      memorySize,
      logRetention,
      tracing,
      systemLogLevel,
      ...options,
      spine: this,
      contract,
    });
    this.agents.set(name, agent);
  }

  /** The contract with the longest timeout that the flows give it, which its function must outlive. */
  private contractOf(name: string): Pick<Contract, "spec"> | undefined {
    const { definition } = this.application;
    const spec = contractsOf(definition).find((contract) => contract.spec.name === name)?.spec;
    return spec && { spec: { ...spec, timeoutMs: longestTimeoutMs(spec, definition.flows) } };
  }

  private check(hosted: ReadonlySet<string>, elsewhere: ReadonlySet<string>): void {
    const { errors, warnings } = checkApplication(this.application, hosted, elsewhere);
    const annotations = Annotations.of(this);
    for (const finding of warnings) {
      annotations.addWarningV2(
        `event-spine:${finding.rule}:${finding.flow}/${finding.place}`,
        formatFinding(finding),
      );
    }
    const stack = Stack.of(this);
    this.node.addValidation({
      validate: () => [
        ...errors,
        ...resourceProblems(
          stack.stackName,
          stack.node.findAll().filter((node) => CfnResource.isCfnResource(node)).length,
        ),
      ],
    });
  }

  private output(): void {
    const outputs = {
      IngressUrl: this.ingress.url.url,
      TableName: this.log.table.tableName,
      BucketName: this.blobs.bucket.bucketName,
      SpineInName: spineInName(this.prefix),
      SpineOutName: spineOutName(this.prefix),
      AlarmTopicArn: this.alarmTopic.topic.topicArn,
    };
    for (const [id, value] of Object.entries(outputs)) new CfnOutput(this, id, { value });
  }
}
