import { Stack, Token } from "aws-cdk-lib";
import type * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as actions from "aws-cdk-lib/aws-cloudwatch-actions";
import type * as events from "aws-cdk-lib/aws-events";
import type * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { contractsOf } from "#core/flow/application.ts";
import type { Callers } from "#aws/lambda/callers.ts";
import { DEFAULT_PREFIX, FunctionSuffix, spineInName, spineOutName } from "#aws/names.ts";
import { loadApplication, longestContracts, type LoadedApplication } from "../bundling/load-application.ts";
import { checkCeilings } from "../settings/ceilings.ts";
import { checkTenantInFlight } from "../settings/tenant-in-flight.ts";
import { checkForm } from "../settings/commit-form.ts";
import { coreConcurrency } from "../settings/concurrency.ts";
import { AlarmTopic } from "./alarm-topic.ts";
import { callingAccounts, checkRights, checkTenants, operatingAccounts } from "../settings/tenant-rights.ts";
import { BlobStore } from "./blob-store.ts";
import { Coordinator } from "./coordinator.ts";
import { CustomerKey } from "./customer-key.ts";
import { Door } from "./door.ts";
import type { EventSpineProps } from "./event-spine-props.ts";
import { EventStream } from "./event-stream.ts";
import { FarDeadlines } from "./far-deadlines.ts";
import type { Foundation } from "./foundation.ts";
import { Inbox } from "./inbox.ts";
import { Ingress } from "./ingress.ts";
import { Intake } from "./intake.ts";
import { Operator } from "./operator.ts";
import { AgentProgress } from "./agent-progress.ts";
import { AnswerEndpoint } from "./answer-endpoint.ts";
import { PersonalKey, personalPaths } from "./personal-key.ts";
import { Recovery } from "./recovery.ts";
import { Relay } from "./relay.ts";
import { reportFindings } from "./report-findings.ts";
import { Retention, retentionTimes } from "./session-retention.ts";
import { scorersOf, type Scorers } from "./scorers.ts";
import { ScoresTable } from "./scores-table.ts";
import { SessionIndexTable } from "./session-index-table.ts";
import { SessionLogTable } from "./session-log-table.ts";
import { SpineAlarms, type SpineAlarmsProps } from "./spine-alarms.ts";
import { SpineAgentGroup, type SpineAgentGroupOptions } from "./spine-agent-group.ts";
import { SpineAgent, type SpineAgentOptions } from "./spine-agent.ts";
import { tellSpine } from "./tell-spine.ts";
import { SpineDashboard } from "./spine-dashboard.ts";
import { SpineBus } from "./spine-bus.ts";
import { functionOptionsOf, type FunctionOptions } from "./spine-function.ts";
import { NamedSpine, SpineNames, type ISpine } from "./spine.ts";
import { TokenSecret } from "./token-secret.ts";

/**
 * A complete spine: buses, queues, log, functions and agents. Synthesis fails when the flows' linter finds an error, or when an
 * agent of the application has no host.
 *
 * @example
 * const spine = new EventSpine(this, "Spine", {
 *   application: "application.ts",
 *   agents: { greeter: { entry: "agents/greeter.ts" } },
 * });
 * spine.grantSend(role);
 */
export class EventSpine extends Construct implements ISpine {
  readonly prefix: string;
  readonly spineIn: SpineBus;
  readonly spineOutBus: SpineBus;
  readonly log: SessionLogTable;
  /** Present unless `sessionIndex` is false. */
  readonly index: SessionIndexTable | undefined;
  /** Scores of replies, and who gives them; present if `scorers` is given. */
  readonly scores: ScoresTable | undefined;
  readonly scorers: Scorers | undefined;
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
  /** Streams events to readers; absent if the spine has no streams. */
  readonly stream: EventStream | undefined;
  /** What agents say while they work; present if `liveOutput` is true. */
  readonly live: AgentProgress | undefined;
  /** Takes answers without signatures; present if `callbacks` is given. */
  readonly answers: AnswerEndpoint | undefined;
  /** Present if tenants declare personal values. */
  readonly personalKey: PersonalKey | undefined;
  /** Present if sessions have a retention. */
  readonly retention: Retention | undefined;
  readonly alarmTopic: AlarmTopic;
  readonly alarmActions: readonly cloudwatch.IAlarmAction[];
  /** The alarms of the spine itself; agents and subscriptions have their own. */
  readonly alarms: SpineAlarms;
  readonly dashboard: SpineDashboard | undefined;
  private readonly encryptionKey: kms.IKey | undefined;
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
    const operating = operatingAccounts(accounts, props.rights ?? {});
    this.spineIn.admitSources(props.producers ?? []);
    for (const { account, onBus } of accounts)
      if (onBus !== undefined) this.spineIn.admitAccount(account, onBus);
    this.spineOutBus = new SpineBus(this, "SpineOut", {
      busName: spineOutName(this.prefix),
      description: "Event Spine: every commit, published by the relay",
    });
    this.encryptionKey = props.encryptionKey;
    CustomerKey.encrypt(this, props.encryptionKey);
    this.log = new SessionLogTable(this, "Log", props);
    const { encryptionKey } = props;
    this.index =
      (props.sessionIndex ?? true) ? new SessionIndexTable(this, "Sessions", { encryptionKey }) : undefined;
    this.scores = props.scorers && new ScoresTable(this, "Scores", { encryptionKey });
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
    const { quotas, waits, streams, liveOutput = false } = props;
    this.ingress = new Ingress(this, "Ingress", { foundation, callers, accounts, quotas, waits });
    this.intake = new Intake(this, "Intake", { foundation, spineIn: this.spineIn, callers, quotas });
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

    this.operator = new Operator(this, "Operator", {
      foundation,
      watch: this.recovery.watch,
      callers,
      agents: contractsOf(this.application.definition).map(({ spec }) => spec),
      accounts: operating,
      limits: { quotas, waits, streams },
    });

    this.live = liveOutput ? new AgentProgress(this, "Live", { foundation, encryptionKey }) : undefined;
    this.answers =
      props.callbacks && new AnswerEndpoint(this, "Answers", { foundation, callbacks: props.callbacks });
    this.stream =
      streams === false
        ? undefined
        : new EventStream(this, "Stream", { foundation, callers, accounts, streams, live: this.live });
    this.retention =
      times && new Retention(this, "Retention", { foundation, times, callers, accounts: operating });
    this.scorers = scorersOf(this, props);

    const watched = this.watched();
    this.alarms = new SpineAlarms(this, "Alarms", watched);
    for (const [name, options] of Object.entries(props.agents ?? {})) this.host(name, options, props);
    for (const [name, options] of Object.entries(props.groups ?? {})) this.hostGroup(name, options, props);
    this.dashboard = (props.dashboard ?? true) ? this.show(watched) : undefined;
    reportFindings(this, this.application, {
      hosted: new Set(Object.keys(props.agents ?? {})),
      groups: new Set(Object.keys(props.groups ?? {})),
      elsewhere: new Set(props.agentsElsewhere),
      personal: Object.values(paths ?? {}),
    });
    tellSpine(this);
  }

  get recoveryName(): string {
    return this.recovery.handler.function.functionName;
  }

  get callbackUrl(): string | undefined {
    return this.answers?.url.url;
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

  grantAnswerTask(grantee: iam.IGrantable): iam.Grant {
    return this.names.grantAnswerTask(grantee);
  }

  /**
   * Lets a principal call the URL that streams sessions' events; the spine's `rights` list whether it may read them. Its address is found
   * by the function's name.
   */
  grantFollow(grantee: iam.IGrantable): iam.Grant {
    if (this.stream !== undefined) return this.names.grantOperate(grantee, FunctionSuffix.stream);
    throw new Error("This spine has no streams, because its property `streams` is false. Remove it.");
  }

  /**
   * Lets a principal read sessions as they are stored, with personal values as ciphertext: of one tenant, or of all. Views and
   * letters are not included.
   */
  grantReadSession(grantee: iam.IGrantable, tenant?: string): iam.Grant {
    CustomerKey.grant(this.encryptionKey, grantee, "s3:GetObject");
    return this.log.grantReadSession(grantee, tenant).combine(this.blobs.grantReadSession(grantee, tenant));
  }

  /**
   * Lets a principal call the URL of the operator function: letters, parked sessions, relaying again. The spine's `tenants` and
   * the right `operate` determine for which tenants.
   */
  grantOperate(grantee: iam.IGrantable): iam.Grant {
    return this.names.grantOperate(grantee, FunctionSuffix.operator);
  }

  /**
   * Lets a principal call the URL that erases idle sessions. The spine's `tenants` and the right `operate` determine for which
   * tenants. Only a spine with a retention has this function.
   */
  grantErase(grantee: iam.IGrantable): iam.Grant {
    if (this.retention !== undefined) return this.names.grantOperate(grantee, FunctionSuffix.retention);
    throw new Error(
      "This spine has no retention, so none of its functions may delete sessions. Declare a retention of any length.",
    );
  }

  announceSubscription(name: string): boolean {
    this.subscriptions.add(name);
    this.relay.allowSubscriptions();
    return true;
  }

  private foundation(props: EventSpineProps): Foundation {
    const { names, log, index, scores, blobs, tokens } = this;
    const { commitCodec, commitForm, memorySize, logRetention, tracing, systemLogLevel } = props;
    return {
      names,
      application: this.application.path,
      concurrency: coreConcurrency(props.concurrency),
      log,
      index,
      scores,
      blobs,
      tokens,
      commitCodec,
      ceilings: props.ceilings && checkCeilings(props.ceilings),
      tenantInFlight: checkTenantInFlight(props.tenantInFlight),
      liveOutput: props.liveOutput,
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
        operator: this.operator.handler,
        retention: this.retention?.handler,
        stream: this.stream?.handler,
        progress: this.live?.handler,
        callback: this.answers?.handler,
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
      agents: contractsOf(this.application.definition).map(({ spec }) => spec),
    });
  }

  private host(name: string, options: SpineAgentOptions, defaults: FunctionOptions): void {
    const [contract] = longestContracts(this.application, (spec) => spec.name === name);
    // An unknown name is reported with everything else that is wrong, when the stack is checked.
    if (contract === undefined) return;
    const agent = new SpineAgent(this, `Agent-${name}`, {
      ...functionOptionsOf(defaults),
      ...options,
      spine: this,
      contract,
    });
    this.agents.set(name, agent);
  }

  private hostGroup(name: string, options: SpineAgentGroupOptions, defaults: FunctionOptions): void {
    const contracts = longestContracts(this.application, ({ group }) => group === name);
    if (contracts.length === 0) return;
    const { agents } = new SpineAgentGroup(this, `Group-${name}`, {
      ...functionOptionsOf(defaults),
      ...options,
      spine: this,
      group: name,
      contracts,
    });
    for (const [agent, own] of agents) this.agents.set(agent, own);
  }
}
