import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Clock } from "#ports/clock.ts";
import { startDynalite } from "./dynamodb/dynalite-store.ts";
import { serveDynamo } from "./dynamodb/dynamodb-endpoint.ts";
import { serveEventBridge } from "./events/eventbridge-endpoint.ts";
import type { LocalFaults } from "./faults/local-faults.ts";
import type { Around, LoopbackServer } from "./http/loopback-server.ts";
import { signedFetch, type Authorize, type Send } from "#client/signing/signed-fetch.ts";
import { createAccess } from "./iam/access.ts";
import { keepReport } from "./iam/kept-reports.ts";
import { createRightsRecord, type RightsReport } from "./iam/rights-record.ts";
import { keptKeys } from "./kms/kept-keys.ts";
import { serveKms } from "./kms/kms-endpoint.ts";
import { serveLambda, type FunctionUrlConfig } from "./lambda/lambda-endpoint.ts";
import type { LocalFunction } from "./lambda/lambda-function.ts";
import { createLocalClock, type LocalClock } from "./local-clock.ts";
import { createTurnsClock } from "./turns-clock.ts";
import { makePrivateFolder } from "./private-folder.ts";
import { LOCAL_ACCOUNT, LOCAL_REGION } from "./addresses.ts";
import { measureDynamo } from "./metrics/measure-dynamodb.ts";
import { measureExecution } from "./metrics/measure-execution.ts";
import { createMetricStore, type MetricStore } from "./metrics/metric-store.ts";
import { createMonitor, type AlarmState } from "./metrics/monitor.ts";
import { serveMonitoring } from "./metrics/monitoring-endpoint.ts";
import type { StreamWait } from "./mappings/stream-poller.ts";
import { connectFunctionUrls, openFunctionUrls } from "./provision/function-urls.ts";
import { requireNames } from "./provision/require-names.ts";
import { provision, requireKnownTypes, startMappings } from "./provision/provision.ts";
import { replayTables } from "./provision/replay-tables.ts";
import type { LogLine, Site } from "./provision/site.ts";
import { createRequestCounter, type CountedRequest, type RequestCount } from "./request-counts.ts";
import { serveS3 } from "./s3/s3-endpoint.ts";
import { serveSecrets } from "./secrets/secrets-endpoint.ts";
import { serveSns } from "./sns/sns-endpoint.ts";
import { createQueueHost } from "./sqs/queue-host.ts";
import { serveSqs } from "./sqs/sqs-endpoint.ts";
import { executionStoreIn } from "./states/execution-store.ts";
import { createExecutions } from "./states/executions.ts";
import { serveStates } from "./states/states-endpoint.ts";
import { createConcurrency } from "./throttling/concurrency-limit.ts";
import { seededRefusals } from "./throttling/seeded-refusals.ts";
import { createThrottling, type ThrottlingOptions } from "./throttling/throttling.ts";
import { readAssembly } from "./template/cloud-assembly.ts";
import { readTemplate } from "./template/template.ts";
import { serveTracesFile } from "./traces/traces-file.ts";
import { createTurns } from "./turns.ts";
import { createUsers } from "./users.ts";

export interface LocalCloudOptions {
  /** The folder that `cdk synth` wrote. */
  readonly templateDir: string;
  /**
   * Keeps tables, objects, secrets and executions of state machines, which go on with the wait that they had come to.
   * Messages on their way are not kept: at the next start the tables' items go through their streams once more, before
   * anything else happens. What a commit ordered is so dispatched, armed and published again, and subscribers get their
   * sessions from the start; an event on spine-in that no function had taken is lost.
   * @default in memory
   */
  readonly dataDir?: string;
  readonly onLog?: (line: LogLine) => void;
  /** The time of queues, links and executions; functions have the machine's. @default the machine's clock */
  readonly clock?: Clock;
  /** Processes of one function at once. @default 4 */
  readonly maxProcesses?: number | ((functionName: string) => number);
  /**
   * People and programs outside the template, by access key id, who may do anything that no policy denies.
   * @default `local`, the user of that name
   */
  readonly users?: Readonly<Record<string, string>>;
  /** Functions record spans, which are written into this file as OTLP JSON, a request a line. @default as the template has it */
  readonly tracesFile?: string;
  /**
   * Requests that are refused for being too many. Quotas of AWS always hold; this machine reaches none of them, unless they
   * are set lower, or a seed refuses a share of the requests beside. @default the quotas of us-east-1, and no seed
   */
  readonly throttling?: ThrottlingOptions;
  /** From which the order of a stream's items is drawn, where AWS keeps none. @default 1 */
  readonly seed?: number;
  /**
   * How long a batch of a table's stream waits for more records, ms, from and to: a test has no time for it. @default 0 to 250, as AWS looks
   * at a shard four times a second
   */
  readonly streamWaitMs?: StreamWait;
  /** The most records in a batch of a table's stream: with 1, what a reader asks for does not depend on how fast this machine is. @default the mapping's */
  readonly streamBatchSize?: number;
  /** Stands before every endpoint of AWS: faults come from here. @default nothing */
  readonly around?: Around;
  /** What goes wrong where no request passes. @default nothing */
  readonly faults?: LocalFaults;
  /** Told when an alarm begins to ring, and when it ends. */
  readonly onAlarm?: (state: AlarmState) => void;
}

/** The messages of one queue. */
export interface QueuedMessages {
  readonly queue: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export interface LocalCloud {
  /** By name. */
  readonly functions: ReadonlyMap<string, LocalFunction>;
  /** Endpoints as the environment variables by which SDK clients find them, with credentials of the first user. */
  readonly environment: Readonly<Record<string, string>>;
  /** Of functions that have a URL, by the function's name. */
  readonly functionUrls: ReadonlyMap<string, string>;
  /** The stacks' outputs, by `Stack.Output`. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Requests so far, by operation, caller and resource. */
  counts(): readonly RequestCount[];
  /** Tells of each request from now on, before it is performed. */
  watchRequests(listener: (request: CountedRequest) => void): void;
  /** Adds a user who may do anything that no policy denies, by an access key id, and gives the secret of it. */
  addUser(accessKeyId: string, arn: string): string;
  /** Signs requests to function URLs for a user. @default the first user */
  authorize(accessKeyId?: string): Authorize;
  /** As `fetch`, signed for a function URL by the first user. */
  readonly fetch: Send;
  /** Ends the function's processes, or the one with this session token, with SIGKILL; gives their number. */
  kill(functionName: string, sessionToken?: string): number;
  /** The template's alarms as they are now. */
  alarms(): readonly AlarmState[];
  /** What has been measured, as CloudWatch would keep it. */
  readonly metrics: Pick<MetricStore, "statistic">;
  /** The time of queues, streams and functions. How long a function may run is the machine's time. */
  readonly clock: LocalClock;
  /** Invocations that run or wait, and batches. */
  running(): number;
  /** Of the queues that hold some, dead letters included. */
  messages(): readonly QueuedMessages[];
  /** When the next message shows that is delayed or was received. */
  nextMessageAt(): number | undefined;
  /** How often what was refused as too much, by kind. */
  throttled(): Readonly<Record<string, number>>;
  /** How much is under way: invocations that run or wait, batches, and messages that could be received now. */
  busy(): number;
  /** What the template's roles may do, and what they did. */
  rights(): RightsReport;
  stop(): Promise<void>;
}

const MAX_PROCESSES = 4;

/**
 * Runs the stacks of a synthesized app on this machine: the template decides what there is and who may do what.
 *
 * @example
 * const { templateDir } = await synthesize({ app: "infra/app.ts" });
 * const cloud = await createLocalCloud({ templateDir });
 * await cloud.stop();
 */
export async function createLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const { templateDir, dataDir, onLog = () => undefined, maxProcesses = MAX_PROCESSES } = options;
  // Tables, objects, keys and secrets are in it.
  if (dataDir !== undefined) makePrivateFolder(dataDir);
  const turns = createTurnsClock();
  const clock = createLocalClock(options.clock ?? turns, turns);
  const started = performance.now();
  const progress = (text: string) =>
    onLog({
      from: "local",
      text: `${text} (${Math.round(performance.now() - started)} ms)`,
      kind: "progress",
    });
  const trouble = (text: string) => onLog({ from: "local", text, kind: "trouble" });
  const counts = createRequestCounter();
  const now = () => clock.now();
  const throttling = createThrottling(options.throttling);
  const rights = createRightsRecord();
  const access = createAccess({
    account: LOCAL_ACCOUNT,
    clock,
    counts,
    onJudged: rights.judged,
    onDenied: trouble,
  });
  const users = createUsers(access);
  const names = Object.entries(options.users ?? { local: `arn:aws:iam::${LOCAL_ACCOUNT}:user/local` });
  for (const [accessKeyId, arn] of names) users.add(accessKeyId, arn);
  const stacks = readAssembly(templateDir);
  const servers: LoopbackServer[] = [];
  const site: Partial<Site> = {};
  const stop = () => stopAll(site, servers);

  try {
    const queues = createQueueHost(clock);
    const store = await startDynalite(dataDir === undefined ? undefined : join(dataDir, "tables"));
    const tables: Site["tables"] = new Map();
    const buckets: Site["buckets"] = new Map();
    const buses: Site["buses"] = new Map();
    const functions: Site["functions"] = new Map();
    const secrets: Site["secrets"] = [];
    const keys: Site["keys"] = keptKeys(dataDir);
    const topics: Site["topics"] = new Map();
    const machines: Site["machines"] = new Map();
    const metrics = createMetricStore();
    const monitor = createMonitor({
      clock,
      queues,
      store: metrics,
      onChange: options.onAlarm ?? (() => undefined),
    });
    const executions = createExecutions(
      clock,
      ({ arn, machine, status, cause }) => {
        measureExecution(machine.arn, status, metrics, clock);
        if (status === "FAILED" || status === "TIMED_OUT")
          trouble(`${arn} ended as ${status}: ${cause ?? ""}`);
      },
      executionStoreIn(dataDir),
    );
    Object.assign(site, { queues, store, functions, pollers: [], executions, monitor });
    const urlConfigs = new Map<string, FunctionUrlConfig>();
    const owner = { account: LOCAL_ACCOUNT, region: LOCAL_REGION };
    const opened = await Promise.all([
      serveSqs({ host: queues, access, account: LOCAL_ACCOUNT, throttling }),
      serveDynamo({ store, tables, access, throttling, now }),
      serveS3(buckets, access, clock),
      serveEventBridge({ buses, access, ...owner, clock, throttling, onDropped: trouble }),
      serveLambda(functions, access, urlConfigs),
      serveSecrets(secrets, access),
      serveStates({ machines, executions, access, throttling, now }),
      serveKms(keys, access),
      serveMonitoring({ store: metrics, alarms: () => monitor.alarms, access, ...owner, now }),
      serveSns({
        topics,
        access,
        onPublished: ({ arn }, { message: text }) =>
          onLog({ from: `topic ${arn.split(":").at(-1) ?? arn}`, text, kind: "output" }),
      }),
    ]);
    servers.push(...opened);
    for (const server of opened) {
      // It reads every request anew to know what is asked.
      if (options.throttling?.seeded !== undefined) server.intercept(seededRefusals(throttling));
      if (options.around !== undefined) server.intercept(options.around);
    }
    const [sqs, dynamo, s3, events, lambda, secretsManager, states, kms, monitoring, sns] = opened;
    // Outside all that may refuse.
    dynamo.intercept(measureDynamo(metrics, clock));
    const endpoints = {
      AWS_ENDPOINT_URL_SQS: sqs.url,
      AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: events.url,
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
      AWS_ENDPOINT_URL_SFN: states.url,
      AWS_ENDPOINT_URL_KMS: kms.url,
      AWS_ENDPOINT_URL_CLOUDWATCH: monitoring.url,
      AWS_ENDPOINT_URL_SNS: sns.url,
    };
    const traces = options.tracesFile === undefined ? undefined : await serveTracesFile(options.tracesFile);
    if (traces !== undefined) servers.push(traces.server);
    const urls = await openFunctionUrls(stacks, servers);
    const addresses = {
      account: LOCAL_ACCOUNT,
      region: LOCAL_REGION,
      sqsUrl: sqs.url,
      functionUrl: (path: string) => `${urls.get(path)?.url ?? ""}/`,
    };
    const template = readTemplate(stacks, addresses);
    requireKnownTypes(template.resources);
    requireNames(template.resources);
    const whole: Site = Object.assign(site, {
      addresses,
      clock,
      template,
      dataDir,
      counts,
      access,
      queues,
      store,
      tables,
      streams: new Map(),
      buckets,
      secrets,
      keys,
      buses,
      roles: new Map(),
      functions,
      roleOf: new Map(),
      pollers: site.pollers ?? [],
      machines,
      executions,
      metrics,
      monitor,
      topics,
      faults: options.faults ?? {},
      endpoints: { ...endpoints, ...traces?.environment },
      maxProcesses: typeof maxProcesses === "number" ? () => maxProcesses : maxProcesses,
      starts: createTurns(availableParallelism()),
      concurrency: createConcurrency(throttling),
      seed: options.seed ?? options.throttling?.seeded?.seed ?? 1,
      streamWaitMs: options.streamWaitMs,
      streamBatchSize: options.streamBatchSize,
      log: onLog,
    });
    await provision(whole);
    connectFunctionUrls(whole, urls, urlConfigs);
    progress(
      `created ${template.resources.length} resources of ${stacks.map(({ name }) => name).join(", ")}`,
    );
    await Promise.all([...functions.values()].map((each) => each.warm()));
    const resumed = executions.resume(machines);
    if (resumed > 0) progress(`resumed ${resumed} executions of an earlier start`);
    startMappings(whole);
    monitor.start();
    const replayed = dataDir === undefined ? 0 : await replayTables(whole);
    if (replayed > 0) progress(`replayed ${replayed} items of an earlier start`);
    progress(`${functions.size} functions are ready`);
    const reportRights = () =>
      rights.report(
        whole.roles.values(),
        stacks.map(({ name }) => name),
      );
    return {
      functions,
      environment: { ...endpoints, ...users.environment() },
      functionUrls: new Map([...urlConfigs].map(([name, { url }]) => [name, url])),
      outputs: template.outputs,
      counts: counts.snapshot,
      watchRequests: counts.watch,
      addUser: users.add,
      authorize: users.authorize,
      fetch: signedFetch((request) => users.authorize()(request)),
      kill: (name, sessionToken) => {
        const target = functions.get(name);
        if (target === undefined) throw new Error(`There is no function ${name}.`);
        return target.kill(sessionToken);
      },
      alarms: () => monitor.alarms,
      metrics,
      clock,
      running: () => runningIn(whole),
      messages: () => messagesIn(whole),
      nextMessageAt: () => {
        const times = queues.all().flatMap(({ queue }) => queue.nextEventAt(clock.now()) ?? []);
        return times.length === 0 ? undefined : Math.min(...times);
      },
      busy: () => busyness(whole),
      throttled: throttling.counts,
      rights: reportRights,
      async stop() {
        await stop();
        keepReport(reportRights());
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function busyness(site: Site): number {
  const polled = site.queues.all().map(({ queue }) => {
    const { visible, inFlight } = queue.counts(site.clock.now());
    return queue.isDeadLetterQueue ? 0 : visible + inFlight;
  });
  return runningIn(site) + sum(polled);
}

const runningIn = ({ functions, pollers }: Site): number =>
  sum([...functions.values()].map(({ busy }) => busy)) + sum(pollers.map(({ busy }) => busy));

const messagesIn = ({ queues, clock }: Site): readonly QueuedMessages[] =>
  queues
    .all()
    .map(({ queue }) => ({ queue: queue.name, ...queue.counts(clock.now()) }))
    .filter(({ visible, inFlight, delayed }) => visible + inFlight + delayed > 0);

/** Whatever has been started so far, callers first. */
async function stopAll(
  { pollers = [], functions, queues, store, executions, monitor }: Partial<Site>,
  servers: LoopbackServer[],
): Promise<void> {
  monitor?.stop();
  executions?.stopAll();
  const polling = Promise.all(pollers.map((poller) => poller.stop()));
  await Promise.all([...(functions?.values() ?? [])].map((each) => each.stop()));
  await polling;
  await Promise.all(servers.map((server) => server.stop()));
  queues?.stop();
  await store?.stop();
}
