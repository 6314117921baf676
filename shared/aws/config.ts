import { OLDEST_FORM, SCHEMA_VERSION } from "#core/session/commit.ts";
import type { Ceilings } from "#core/session/limits.ts";
import { CommitCodec } from "./names.ts";

/**
 * The environment variables of the functions, shared with what deploys them, so that the two cannot drift. Beside these
 * the SDK itself reads AWS_REGION and, on one machine, AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_SQS etc.
 */
export const Env = {
  /** The log's table. */
  table: "TABLE_NAME",
  /** The table of sessions' rows; absent where they are not listed. */
  sessionIndex: "SESSION_INDEX_TABLE",
  /** The table of scores; absent where nothing is scored. */
  scores: "SCORES_TABLE",
  /** How long a score is kept after its reply, in seconds. */
  scoresKept: "SCORES_KEPT_SECONDS",
  /** Large views, snapshots, letters. */
  bucket: "BUCKET_NAME",
  /** How the texts of commits are written: a `CommitCodec`; absent for the default. */
  commitCodec: "COMMIT_CODEC",
  /** The newest form in which commits are written, a number; absent for the oldest, which every version reads. */
  commitForm: "COMMIT_FORM",
  /** All queue URLs start with it: `https://sqs.{region}.amazonaws.com/{account}/{prefix}-`. */
  queuePrefix: "QUEUE_PREFIX",
  /** Name of spine-out. */
  spineOut: "SPINE_OUT_BUS",
  /** Name of the door's function. */
  door: "DOOR_FUNCTION",
  /** ARN of the secret from which tokens are made. */
  tokenSecret: "TOKEN_SECRET_ARN",
  /** ARN of the state machine that holds deadlines too far ahead for a queue. */
  deadlinesMachine: "DEADLINES_MACHINE_ARN",
  /** ARN of the state machine that watches over dead letters. */
  lettersMachine: "LETTERS_MACHINE_ARN",
  /** How long finished sessions stay, in ms by tenant, as JSON; absent for ever. */
  retention: "RETENTION",
  /** Paths of the context that hold personal values, by tenant, as JSON; absent for none. */
  personal: "PERSONAL",
  /** ARN of the key that wraps sessions' data keys from now on; absent where no tenant has personal values. */
  personalKey: "PERSONAL_KEY_ARN",
  /** What no event's budget lifts, as JSON of `Ceilings`; absent for none. */
  ceilings: "CEILINGS",
  /** How many tasks of a tenant an agent's queue has in flight at most, a number; absent for any. */
  tenantInFlight: "TENANT_IN_FLIGHT",
  agent: "AGENT_NAME",
  /** The application's agents, separated by commas, whoever hosts them. */
  agents: "AGENTS",
  /** Of these agents those that a group hosts, each as `AGENT=GROUP`, separated by commas. */
  agentGroups: "AGENT_GROUPS",
  /** Names of the ordered subscriptions, separated by commas; absent or empty for none. */
  subscriptions: "SUBSCRIPTIONS",
  /**
   * Who belonged to which tenant, for a version that read it here: where there are tenants it says "nobody", so that such a version
   * takes nobody for the tenant `default` while it is replaced.
   */
  formerTenants: "TENANTS",
  /** How much each tenant may send, as JSON; absent where nobody's events are counted. */
  quotas: "QUOTAS",
  /** How many requests are held for their replies at once, as `TOTAL/PER_TENANT`. */
  waits: "WAITS",
  /** How many streams of events are open at once, as `TOTAL/PER_TENANT`. */
  streams: "STREAMS",
  /** The table of what agents say while they work; absent where it is not shown. */
  liveTable: "LIVE_TABLE",
  /** Set where events may ask that what agents say while they work is shown. */
  liveOutput: "LIVE_OUTPUT",
  /** Name of the function to which an agent says what it does while it works; absent for none. */
  progress: "PROGRESS_FUNCTION",
  /** Where tasks that agents passed on are answered without a signature; absent for nowhere. */
  callbackUrl: "CALLBACK_URL",
  /** ARN of the topic that is told of open questions; absent for none. */
  noticeTopic: "NOTICE_TOPIC_ARN",
  /** ARN of the secret whose text is the address of a webhook; absent for none. */
  webhookSecret: "WEBHOOK_SECRET_ARN",
  /** Where people answer, with `{tenant}`, `{session}` and `{ask}` in it; absent for none. */
  noticeLink: "NOTICE_LINK",
  /** Set where the question itself is told. */
  noticeQuestion: "NOTICE_QUESTION",
  /** Which part of the traces that begin here is recorded, 0 to 1; absent for no spans at all. */
  otel: "OTEL_RATIO",
  /** Where spans are sent, as OTLP over HTTP; absent for a collector beside the function. */
  otlpEndpoint: "OTEL_EXPORTER_OTLP_ENDPOINT",
  /** A Bedrock model for agents that can use one; absent for their own logic. */
  bedrockModel: "BEDROCK_MODEL_ID",
} as const;
export type EnvName = (typeof Env)[keyof typeof Env];

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a variable that only one function knows, such as an agent's own table. */
export function readVariable(name: string, environment: Environment = process.env): string {
  const value = environment[name];
  if (!value) throw new Error(`Missing environment: ${name}. The function's stack sets it.`);
  return value;
}

/** Reads required variables by field name. Throws one error that names every missing variable. */
export function readEnv<Field extends keyof typeof Env>(
  fields: readonly Field[],
  environment: Environment = process.env,
): Readonly<Record<Field, string>> {
  const missing = fields.map((field) => Env[field]).filter((name) => !environment[name]);
  if (missing.length > 0) {
    throw new Error(`Missing environment: ${missing.join(", ")}. The function's construct sets them.`);
  }
  const entries = fields.map((field) => [field, environment[Env[field]]]);
  // Every field was found above.
  return Object.fromEntries(entries) as Record<Field, string>;
}

/** An optional variable; empty counts as absent. */
export function readOptionalEnv(
  field: keyof typeof Env,
  environment: Environment = process.env,
): string | undefined {
  return environment[Env[field]] || undefined;
}

/** How commits are written. Throws for a codec that this version does not have. */
export function readCommitCodec(environment: Environment = process.env): CommitCodec | undefined {
  const name = readOptionalEnv("commitCodec", environment);
  const codec = Object.values(CommitCodec).find((known) => known === name);
  if (name === undefined || codec !== undefined) return codec;
  const known = Object.values(CommitCodec).join(" or ");
  throw new Error(`${Env.commitCodec}: unknown codec "${name}". Use ${known}.`);
}

/** The newest form of commits that may be written. Throws for one that this version does not have. */
export function readCommitForm(environment: Environment = process.env): number {
  const given = readOptionalEnv("commitForm", environment) ?? String(OLDEST_FORM);
  const form = Number(given);
  if (Number.isInteger(form) && form >= OLDEST_FORM && form <= SCHEMA_VERSION) return form;
  throw new Error(
    `${Env.commitForm}: unknown form "${given}". Use a whole number from ${OLDEST_FORM} to ${SCHEMA_VERSION}.`,
  );
}

/** How many tasks of a tenant an agent's queue has in flight at most; the construct checked it. */
export function readTenantInFlight(environment: Environment = process.env): number | undefined {
  const text = readOptionalEnv("tenantInFlight", environment);
  return text === undefined ? undefined : Number(text);
}

/** What no event's budget lifts; the construct checked it. */
export function readCeilings(environment: Environment = process.env): Ceilings | undefined {
  const text = readOptionalEnv("ceilings", environment);
  return text === undefined ? undefined : (JSON.parse(text) as Ceilings);
}

/** The application's agents, each with the group that hosts it; with its own name where none does. */
export function readHostedAgents(
  environment: Environment = process.env,
): readonly { readonly agent: string; readonly host: string }[] {
  const groups = new Map(
    readListEnv("agentGroups", environment).map((pair) => {
      const [agent = "", group = ""] = pair.split("=");
      return [agent, group] as const;
    }),
  );
  return readListEnv("agents", environment).map((agent) => ({ agent, host: groups.get(agent) ?? agent }));
}

/** A list separated by commas. */
export function readListEnv(
  field: keyof typeof Env,
  environment: Environment = process.env,
): readonly string[] {
  return (environment[Env[field]] ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}
