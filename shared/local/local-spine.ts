import { Env } from "#aws/config.ts";
import { DEFAULT_PREFIX, FunctionSuffix, functionName } from "#aws/names.ts";
import { createS3Blobs } from "#aws/s3/s3-blobs.ts";
import type { EnumerableSessionLog } from "#ports/session-log.ts";
import { createLocalCloud, type LocalCloud } from "./cloud.ts";
import { LOCAL_ACCOUNT } from "./addresses.ts";
import type { LogLine } from "./provision/site.ts";
import { synthesize, type SynthOptions } from "./synth.ts";
import type { Authorize } from "#client/signing/signed-fetch.ts";
import { createHttpCall } from "#client/call.ts";
import { createHttpStreamCall } from "#client/stream-call.ts";
import { createSpineClient, type SpineClient } from "#client/client.ts";
import { createLocalClients } from "./local-clients.ts";
import { createLocalLog } from "./local-log.ts";

export interface LocalSpineOptions extends Pick<SynthOptions, "app" | "sources"> {
  /** Folder that keeps tables, objects and executions. @default in memory */
  readonly data?: string;
  /** How long a session stays after the last that happened in it, in ISO 8601. @default for ever */
  readonly retention?: string;
  /** Paths of the context that hold personal values, separated by commas. @default none */
  readonly personal?: string;
  /** File that gets the functions' spans, as OTLP JSON. @default none are recorded */
  readonly traces?: string;
  /** The seed by which a share of all requests is refused as too many. @default none is refused */
  readonly throttle?: number;
  readonly onLog?: (line: LogLine) => void;
  /** Ends the start where it can be ended: while the template is synthesized. */
  readonly signal?: AbortSignal;
}

/** The application's own template on this machine. */
export interface LocalSpine {
  readonly cloud: LocalCloud;
  /** The ingress' function URL. */
  readonly ingressUrl: string;
  /** The URL of the function for operators. */
  readonly operatorUrl: string;
  /** The URL that streams events; none where the app has no streams. */
  readonly streamUrl: string | undefined;
  /** The log's table, read past every function. */
  readonly log: EnumerableSessionLog;
  /** Signs requests to the ingress for a producer. */
  authorize(producer: string): Authorize;
  /** The API as a producer sees it. */
  clientOf(producer: string): SpineClient;
  stop(): Promise<void>;
}

export const PREFIX = DEFAULT_PREFIX;
const INGRESS = functionName(PREFIX, FunctionSuffix.ingress);
/** A request that waits for its reply holds a process of the ingress; the others are busy for milliseconds. */
const MAX_INGRESS_PROCESSES = 12;
const OPERATOR = functionName(PREFIX, FunctionSuffix.operator);
const STREAM = functionName(PREFIX, FunctionSuffix.stream);
/** Each open stream holds one; the others answer who finds no room. */
const MAX_STREAM_PROCESSES = 10;
const MAX_PROCESSES = 2;

const PROCESSES: ReadonlyMap<string, number> = new Map([
  [INGRESS, MAX_INGRESS_PROCESSES],
  [STREAM, MAX_STREAM_PROCESSES],
]);

/** Who a producer is to the local cloud. */
export const userArn = (producer: string): string => `arn:aws:iam::${LOCAL_ACCOUNT}:user/${producer}`;

/**
 * Synthesizes the app, if its sources have changed, and starts all that its template describes.
 *
 * @example
 * const local = await startLocalSpine();
 * await local.clientOf("shop").send("s1", { id: "1", type: "GreetingAsked", data: {} });
 * await local.stop();
 */
export async function startLocalSpine(options: LocalSpineOptions = {}): Promise<LocalSpine> {
  const {
    app,
    sources,
    data,
    retention,
    personal,
    traces,
    throttle,
    onLog = () => undefined,
    signal,
  } = options;
  const { templateDir } = await synthesize({
    ...(app !== undefined && { app }),
    ...(sources !== undefined && { sources }),
    onProgress: (text) => onLog({ from: "synth", text, kind: "progress" }),
    ...(signal !== undefined && { signal }),
    environment: {
      ...(retention !== undefined && { SPINE_RETENTION: retention }),
      ...(personal !== undefined && { SPINE_PERSONAL: personal }),
    },
  });
  const cloud = await createLocalCloud({
    templateDir,
    onLog,
    onAlarm: ({ alarm, state }) =>
      onLog({
        from: `alarm ${alarm.name}`,
        text: state === "ALARM" ? `rings. ${alarm.description}` : "is no longer ringing.",
        kind: "trouble",
      }),
    maxProcesses: (name) => PROCESSES.get(name) ?? MAX_PROCESSES,
    ...(data !== undefined && { dataDir: data }),
    ...(traces !== undefined && { tracesFile: traces }),
    ...(throttle !== undefined && { throttling: { seeded: { seed: throttle } } }),
  });
  const ingressUrl = cloud.functionUrls.get(INGRESS);
  const streamUrl = cloud.functionUrls.get(STREAM);
  const operatorUrl = cloud.functionUrls.get(OPERATOR);
  const table = cloud.functions.get(INGRESS)?.config.environment[Env.table];
  if (ingressUrl === undefined || operatorUrl === undefined || table === undefined) {
    await cloud.stop();
    throw new Error(`The template has no functions ${INGRESS} and ${OPERATOR} with URLs and a table.`);
  }
  const clients = createLocalClients(cloud);
  const bucket = cloud.functions.get(INGRESS)?.config.environment[Env.bucket] ?? "";
  const authorize = (producer: string): Authorize => {
    // A name of its own kind, so that no producer is called as a function or an agent is. A credential's parts are separated by
    // slashes, which a producer's name may have.
    const accessKeyId = `producer:${encodeURIComponent(producer)}`;
    cloud.addUser(accessKeyId, userArn(producer));
    return cloud.authorize(accessKeyId);
  };
  return {
    cloud,
    ingressUrl,
    operatorUrl,
    streamUrl,
    log: createLocalLog(clients.dynamo, table, createS3Blobs({ client: clients.s3, bucket })),
    authorize,
    clientOf(producer) {
      const as = authorize(producer);
      return createSpineClient(createHttpCall(ingressUrl, as), {
        operator: createHttpCall(operatorUrl, as),
        ...(streamUrl !== undefined && { stream: createHttpStreamCall(streamUrl, as) }),
      });
    },
    async stop() {
      clients.destroy();
      await cloud.stop();
    },
  };
}
