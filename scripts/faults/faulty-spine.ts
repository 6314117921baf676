import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createDynamoSessionLog } from "#aws/dynamo/dynamo-session-log.ts";
import { DEFAULT_PREFIX, FunctionSuffix, functionName, SESSION_ADVANCED } from "#aws/names.ts";
import { parseSessionKey, type SessionKey } from "#core/ids.ts";
import { parseCommit } from "#core/session/codec.ts";
import type { Commit } from "#core/session/commit.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import { flowsApart } from "#core/session/stored-flows.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import type { StoredCommit } from "#ports/session-log.ts";
import type { StoredSession } from "#local/check-log/dump.ts";
import { connectionTo } from "#local/connection-to.ts";
import { createLocalCloud, type LocalCloud, type LocalCloudOptions } from "#local/cloud.ts";
import { createInjector, type Injector } from "#local/faults/injector.ts";
import { flowsOf } from "../replay/dump-log.ts";

/** A session's log: as it is stored, and read. */
export interface SessionLogs {
  readonly stored: StoredSession;
  readonly commits: readonly Commit[];
  /** The texts of the flows that they name. */
  readonly flows: readonly string[];
}

/** A deployed spine on this machine whose requests to AWS can be made to go wrong. */
export interface FaultySpine {
  readonly cloud: LocalCloud;
  readonly injector: Injector;
  readonly ingressUrl: string;
  readLog(session: string): Promise<SessionLogs>;
  /** First sequences of the session's commits that were published. */
  published(session: string): ReadonlySet<number>;
  /** A client of DynamoDB for somebody who may do everything. */
  readonly dynamo: DynamoDBClient;
  /** A variable of a function, such as the name of its table. */
  variable(functionName: string, name: string): string;
  stop(): Promise<void>;
}

export const INGRESS = functionName(DEFAULT_PREFIX, FunctionSuffix.ingress);
export const TENANT = "default";
/** What the ingress takes for the producer: who calls. */
export const SOURCE = "arn:aws:iam::000000000000:user/local";

const PAGE = 100;

export interface FaultySpineOptions extends Omit<LocalCloudOptions, "around" | "users" | "throttling"> {
  /** The seed by which a share of all requests is refused as too many, beside other faults. @default none is */
  readonly throttle?: number | undefined;
}

export async function openSpine({ throttle, ...options }: FaultySpineOptions): Promise<FaultySpine> {
  const published = new Map<string, Set<number>>();
  const injector = createInjector({
    kill: (name, sessionToken) => cloud.kill(name, sessionToken),
    onPerformed(call, request) {
      if (call.operation !== "PutEvents") return;
      for (const { session, first } of advancesIn(request.body)) {
        const own = published.get(session) ?? new Set();
        published.set(session, own.add(first));
      }
    },
  });
  const cloud = await createLocalCloud({
    ...options,
    around: injector.around,
    ...(throttle !== undefined && { throttling: { seeded: { seed: throttle } } }),
  });
  const variable = (name: string, variableName: string): string =>
    cloud.functions.get(name)?.config.environment[variableName] ?? "";
  const dynamo = new DynamoDBClient(connectionTo(cloud.environment, "DYNAMODB"));
  const log = createDynamoSessionLog({
    client: dynamo,
    table: variable(INGRESS, "TABLE_NAME"),
    digest: createNodeDigest(),
  });
  const commitsOf = async (key: SessionKey): Promise<readonly StoredCommit[]> => {
    const commits: StoredCommit[] = [];
    for (let page = await log.readAfter(key, 0, PAGE); page.length > 0;) {
      commits.push(...page);
      page = await log.readAfter(key, page.at(-1)?.last ?? 0, PAGE);
    }
    return commits;
  };

  return {
    cloud,
    injector,
    ingressUrl: cloud.functionUrls.get(INGRESS) ?? "",
    dynamo,
    variable,
    async readLog(session) {
      const key = parseSessionKey({ tenant: TENANT, session });
      const stored = await commitsOf(key);
      const commits = stored.map((commit) => parseCommit(key, commit));
      return {
        stored: { tenant: TENANT, session, commits: stored.map(({ text }) => text) },
        commits,
        flows: await flowsOf(log, commits.flatMap(flowsApart)),
      };
    },
    published: (session) => published.get(session) ?? new Set(),
    async stop() {
      dynamo.destroy();
      await cloud.stop();
    },
  };
}

/** The publications of a PutEvents request. */
function advancesIn(body: Buffer): readonly Pick<SessionAdvanced, "session" | "first">[] {
  const { Entries = [] } = JSON.parse(body.toString("utf8")) as {
    readonly Entries?: readonly { readonly DetailType: string; readonly Detail: string }[];
  };
  return Entries.filter(({ DetailType }) => DetailType === SESSION_ADVANCED).map(
    ({ Detail }) => JSON.parse(Detail) as SessionAdvanced,
  );
}
