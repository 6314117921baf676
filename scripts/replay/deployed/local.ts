import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Env } from "#aws/config.ts";
import { agentFunctionName, DEFAULT_PREFIX, FunctionSuffix, functionName } from "#aws/names.ts";
import { createS3Blobs } from "#aws/s3/s3-blobs.ts";
import { createLocalCloud, type LocalCloud } from "#local/cloud.ts";
import { LOCAL_ACCOUNT } from "#local/addresses.ts";
import { synthesize } from "#local/synth.ts";
import { createLocalClients } from "#local/local-clients.ts";
import { createLocalLog } from "#local/local-log.ts";
import { mostServicesInATurn, UNDERSTANDING, type Terms } from "../application.ts";
import { createKiller, type Killer, type KillerOptions, type KillGroup } from "../kills.ts";
import { createRandom } from "#memory/seeded-random.ts";
import { userTurns } from "../reference.ts";
import type { OpenSpine } from "../spine.ts";
import { createDynamoTarget } from "./dynamo-target.ts";
import { CALLS_TABLE } from "./names.ts";
import { createReadingClient } from "./reading-client.ts";
import { writeBuild } from "./write-build.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const APP = here("app.ts");
/** All that the build's modules and the app are made of beside the project's own sources. */
const SOURCES = here("..");

const PRODUCER = "replay";
const PRODUCER_ARN = `arn:aws:iam::${LOCAL_ACCOUNT}:user/${PRODUCER}`;
/** What callers without a tenant of their own belong to. */
const TENANT = "default";
const INGRESS = functionName(DEFAULT_PREFIX, FunctionSuffix.ingress);
const UNDERSTANDING_FUNCTION = agentFunctionName(DEFAULT_PREFIX, UNDERSTANDING);

/** A machine that is busy with other things shall not turn slowness into failures. */
const PATIENT = { timeoutMs: 300_000, retries: { max: 10, backoffMs: 200 } };
/**
 * Where processes die, their sessions go on when their time is over, so it must not be long; nor so short that sessions
 * which wait for one agent on a busy machine run out of it: that opens the agent's circuit breaker.
 */
const MORTAL = { ...PATIENT, timeoutMs: 30_000 };

/** Every turn passes through these; each of the others has a part of the turns. */
const PROCESSES: Readonly<Record<string, number>> = {
  [INGRESS]: 4,
  [functionName(DEFAULT_PREFIX, FunctionSuffix.door)]: 8,
  [functionName(DEFAULT_PREFIX, FunctionSuffix.relay)]: 3,
  [UNDERSTANDING_FUNCTION]: 3,
};
const OTHER_PROCESSES = 2;

/** The spine's own functions die so often each, all agents together so often as one of them. */
const KILL_GROUPS: readonly KillGroup[] = [
  ...Object.values(FunctionSuffix).map((suffix) => only(functionName(DEFAULT_PREFIX, suffix))),
  { name: "agents", has: (name) => name.startsWith(agentFunctionName(DEFAULT_PREFIX, "")) },
];

function only(own: string): KillGroup {
  return { name: own, has: (name) => name === own };
}

/** The conversations' own application, synthesized, on the local runtime. */
export const openLocal: OpenSpine = async (conversations, options) => {
  const { throttle, kill = 0, seed, killed = KILL_GROUPS, timeoutMs, traces, onStart, onTrouble } = options;
  const times = kill > 0 ? MORTAL : PATIENT;
  const terms: Terms = {
    ...times,
    ...(timeoutMs !== undefined && { timeoutMs }),
    rounds: mostServicesInATurn(conversations),
  };
  const build = writeBuild(conversations, terms);
  const { templateDir } = await synthesize({
    app: APP,
    sources: [build, SOURCES],
    environment: { REPLAY_BUILD: build },
    ...(onStart !== undefined && { onProgress: onStart }),
  });
  const cloud = await createLocalCloud({
    templateDir,
    ...(traces !== undefined && { tracesFile: traces }),
    users: { [PRODUCER]: PRODUCER_ARN },
    maxProcesses: (name) => PROCESSES[name] ?? OTHER_PROCESSES,
    ...(throttle !== undefined && { throttling: { seeded: { seed: throttle } } }),
    onLog: ({ from, text, kind }) => {
      if (kind === "trouble") onTrouble?.(`${from}: ${text}`);
      else if (from === "local") onStart?.(text);
    },
  });
  const { url, table, bucket, calls } = resourcesIn(cloud);
  const { dynamo, s3, destroy } = createLocalClients(cloud);
  const turns = conversations.dialogues.reduce((sum, dialogue) => sum + userTurns(dialogue).length, 0);
  const plan = { count: kill, groups: killed, random: createRandom(seed) };
  const killer = kill > 0 ? killerIn(cloud, plan, turns) : undefined;
  return {
    tenant: TENANT,
    client: createReadingClient({
      url,
      source: PRODUCER_ARN,
      send: cloud.fetch,
    }),
    log: createLocalLog(dynamo, table, createS3Blobs({ client: s3, bucket })),
    target: createDynamoTarget(dynamo, calls),
    ...(killer !== undefined && { killer }),
    idle: () => untilIdle(cloud, options.idleWaitMs),
    async close() {
      destroy();
      await cloud.stop();
    },
  };
};

/** The replay is as far as turns are understood: each is, once, before its services are asked. */
function killerIn(cloud: LocalCloud, plan: Omit<KillerOptions, "kill">, turns: number): Killer {
  const choose = (count: number) => Math.floor(plan.random() * count);
  const kill = (name: string) => cloud.functions.get(name)?.killAtWork(choose) ?? false;
  const killer = createKiller({ ...plan, kill });
  let understood = 0;
  cloud.watchRequests((request) => {
    if (request.caller === UNDERSTANDING_FUNCTION) killer.progress((understood += 1) / turns);
    killer.onRequest(request);
  });
  return killer;
}

function resourcesIn({ functionUrls, functions }: LocalCloud) {
  const url = functionUrls.get(INGRESS);
  const { [Env.table]: table, [Env.bucket]: bucket } = functions.get(INGRESS)?.config.environment ?? {};
  const calls = [...functions.values()].map(({ config }) => config.environment[CALLS_TABLE]).find(Boolean);
  if (url === undefined || table === undefined || bucket === undefined || calls === undefined)
    throw new Error(
      "The replay's template lacks the ingress' URL, its table, its bucket or the table of calls.",
    );
  return { url, table, bucket, calls };
}

/** What a dead process had received comes again only after minutes, when nobody needs it any more. */
const IDLE_WAIT_MS = 60_000;
const LOOK_MS = 100;

async function untilIdle(cloud: LocalCloud, mostMs = IDLE_WAIT_MS): Promise<void> {
  for (let waited = 0; waited < mostMs && cloud.busy() > 0; waited += LOOK_MS) await pause(LOOK_MS);
}
