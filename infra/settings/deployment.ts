import { Duration } from "aws-cdk-lib";
import * as z from "zod";
import { wrongTenants, type ReadValue } from "#core/by-tenant.ts";
import { readRetention } from "#core/retention-time.ts";
import { RIGHTS } from "#core/rights.ts";
import { readDeclaredPaths } from "#core/session/personal/declared-paths.ts";
import { callbackConcurrency } from "./callback-bounds.ts";
import { checkCeilings } from "./ceilings.ts";
import { coreConcurrency } from "./concurrency.ts";
import { checkForm, FORMS } from "./commit-form.ts";
import { checkPrefix } from "./aws-limits.ts";
import { checkTenantInFlight } from "./tenant-in-flight.ts";
import { checkTracing } from "./tracing-options.ts";
import { readQuota } from "./tenant-quotas.ts";
import { streamBounds } from "./stream-bounds.ts";
import { waitBounds } from "./wait-bounds.ts";

/** Takes what a check lets pass; what it throws is what is wrong. */
const checked =
  <Value>(check: (value: Value) => unknown) =>
  (value: Value, context: z.RefinementCtx): void => {
    try {
      check(value);
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
    }
  };

const text = z.string().min(1);
const arn = (service: string, example: string) =>
  z
    .string()
    .regex(
      new RegExp(`^arn:[^:]+:${service}:`),
      `is not an ARN of ${service}. Write one such as ${example}.`,
    );

/** What tenants are given, by name or `*`. */
const byTenant = <Value>(schema: z.ZodType<Value>, read: ReadValue<unknown>) =>
  z.record(text, schema).superRefine((given, context) => {
    for (const [tenant, { problem, repair }] of wrongTenants(given, read))
      context.addIssue({ code: "custom", path: [tenant], message: `${problem}. ${repair}` });
  });

const DURATION = /^P(?=.)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$/;
const readDuration: ReadValue<number> = (value) =>
  typeof value === "string" && DURATION.test(value)
    ? readRetention(Duration.parse(value).toMilliseconds())
    : {
        problem: `is ${JSON.stringify(value)}, which is not a duration`,
        repair: "Write ISO 8601, such as P90D or PT10M.",
      };

const quota = z.strictObject({ perSecond: z.number(), burst: z.number().optional() }).readonly();

const deploymentSchema = z
  .strictObject({
    /** The start of all names, including those of the stacks; every deployment needs a different one. */
    prefix: z.string().superRefine(checked(checkPrefix)),
    /** The account that the stacks may be deployed to, 12 digits. @default that of the credentials */
    account: z
      .string()
      .regex(/^\d{12}$/, "is not an account id. Write its 12 digits.")
      .optional(),
    /** The Region that the stacks may be deployed to. @default the one of the credentials' profile */
    region: text.optional(),
    /** How long a session is kept after its last commit, in ISO 8601 by tenant; `*` is every other. @default forever */
    retention: byTenant(z.string(), readDuration).optional(),
    /** Paths of the context that contain personal values, by tenant; `*` is every other. @default none */
    personal: byTenant(z.array(z.string()), readDeclaredPaths).optional(),
    /** An existing KMS key for the personal values of sessions. @default one is created if there are paths */
    personalKeyArn: arn("kms", "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-…").optional(),
    /** A KMS key for tables, buckets, queues, logs and the token secret. @default AWS's own keys, which are free */
    encryptionKeyArn: arn("kms", "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-…").optional(),
    /**
     * Protects the tables against deletion, even by CloudFormation after a failed first deployment, so enable it in the second
     * one.
     * @default false
     */
    deletionProtection: z.boolean().optional(),
    /** Deletes all data with the stack, for experiments. @default false */
    removeWithStack: z.boolean().optional(),
    /** An existing log table, such as one that was restored. @default one is created */
    existingTable: z
      .strictObject({
        tableName: text,
        streamArn: arn(
          "dynamodb",
          "arn:aws:dynamodb:eu-west-1:111122223333:table/restored/stream/2026-11-28T00:00:00.000",
        ),
      })
      .optional(),
    /** How many events each tenant may send; `*` is every other. @default nobody's events are counted */
    quotas: byTenant(quota, (value) => readQuota(value as z.infer<typeof quota>)).optional(), // as the schema found it
    /** How many requests are held for their replies at once. @default 200, and a quarter of them per tenant */
    waits: z
      .strictObject({ total: z.number().optional(), perTenant: z.number().optional() })
      .superRefine(checked(waitBounds))
      .optional(),
    /** How many streams of events are open at once; false for none. @default 100, and a quarter of them per tenant */
    streams: z
      .union([
        z.literal(false),
        z
          .strictObject({
            total: z.number().optional(),
            perTenant: z.number().optional(),
            reservedConcurrency: z.number().optional(),
          })
          .superRefine(checked(streamBounds)),
      ])
      .optional(),
    /** A public URL where tasks that agents passed on are answered without a signature (docs/later.md). @default none */
    callbacks: z
      .strictObject({ reservedConcurrency: z.number().optional() })
      .superRefine(checked(callbackConcurrency))
      .optional(),
    /** Whether sessions are listed: a table of rows. @default true */
    sessionIndex: z.boolean().optional(),
    /** Whether what agents say while they work may be streamed: a function and a table. @default false */
    liveOutput: z.boolean().optional(),
    /** How many tasks of one tenant each agent's queue hands out at once (docs/quotas.md). @default any number */
    tenantInFlight: z.number().superRefine(checked(checkTenantInFlight)).optional(),
    /** Limits that no event's budget can raise. @default 1,000 hops only */
    ceilings: z
      .strictObject({
        hops: z.number().optional(),
        tokens: z.number().optional(),
        money: z.number().optional(),
        deadlineMs: z.number().optional(),
        sessionMs: z.number().optional(),
      })
      .superRefine(checked(checkCeilings))
      .optional(),
    /** The tenant of each caller, by principal, account, or `account/source`. @default one tenant, "default" */
    tenants: z.record(text, text).optional(),
    /** The rights of callers, by principal, account or `account/source`; `*` is every other. @default `send` only */
    rights: z.record(text, z.array(z.enum(RIGHTS)).readonly()).optional(),
    /**
     * Which roles, by ARN, may put events of which source on spine-in.
     * @default any source, for every principal with the IAM right
     */
    producers: z
      .array(
        z.strictObject({
          source: text,
          roles: z.array(arn("iam", "arn:aws:iam::111122223333:role/shop")).min(1),
        }),
      )
      .optional(),
    /** A Bedrock model or inference profile for the agents that can use one. @default their own logic */
    bedrockModel: text.optional(),
    /** Batches of the core's queues that are processed concurrently (docs/quotas.md). @default CoreConcurrency's */
    concurrency: z
      .strictObject({
        inputs: z.number().optional(),
        answers: z.number().optional(),
        intake: z.number().optional(),
        deadlines: z.number().optional(),
        retries: z.number().optional(),
      })
      .superRefine(checked(coreConcurrency))
      .optional(),
    /** Environments of Lambda that are provisioned for the door. @default none */
    doorConcurrency: z.int().min(1).optional(),
    /** Tracing of the functions (docs/traces.md). @default "off" */
    tracing: z
      .union([
        z.literal(["off", "xray", "otel"]),
        z
          .strictObject({
            endpoint: text.optional(),
            collectorLayerArn: arn(
              "lambda",
              "arn:aws:lambda:eu-west-1:111122223333:layer:collector:1",
            ).optional(),
            ratio: z.number().optional(),
          })
          .superRefine(checked(checkTracing)),
      ])
      .optional(),
    /**
     * The newest form in which commits are written. A new spine uses the newest; for a running one, enable a newer form one
     * deployment after the version that introduced it (docs/deploy.md).
     * @default 1, which every version reads
     */
    commitForm: z.number().superRefine(checked(checkForm)).optional(),
    /** Mirrors the state of every session to a table, through an ordered subscription. @default false */
    mirror: z.boolean().optional(),
    /** Scores every reply with the sample's scorers (docs/evaluation.md). @default false */
    scorers: z.boolean().optional(),
    /**
     * Tells people of open questions: a topic, PREFIX-questions, unless it is false, and a webhook, whose address is the text of a secret: by its ARN, or true for one that is created (docs/notices.md).
     * @default nobody is told
     */
    questions: z
      .strictObject({
        topic: z.boolean().optional(),
        webhook: z
          .union([
            z.literal(true),
            arn("secretsmanager", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:webhook-AbCdEf"),
          ])
          .optional(),
        link: z.url("is not a URL. Write one such as https://care.example.com/{session}/{ask}.").optional(),
        withQuestion: z.boolean().optional(),
      })
      .refine(({ topic, webhook }) => topic !== false || webhook !== undefined, {
        message: "tells nobody. Remove it, leave out topic, or give it a webhook.",
      })
      .optional(),
    /** E-mail addresses that receive alarms, once each has confirmed. @default none until you subscribe to the topic */
    alarmEmails: z
      .array(z.email("is not an e-mail address. Write one such as ops@example.com."))
      .min(1)
      .optional(),
    /** An existing SNS topic for alarms. @default one is created, PREFIX-alarms */
    alarmTopicArn: arn("sns", "arn:aws:sns:eu-west-1:111122223333:on-call").optional(),
  })
  .refine(({ alarmEmails, alarmTopicArn }) => alarmEmails === undefined || alarmTopicArn === undefined, {
    path: ["alarmEmails"],
    message:
      "has no effect, since alarms go to the topic alarmTopicArn. Subscribe them there, or leave out one of the two.",
  });

/** The settings of one spine. */
export type Deployment = z.infer<typeof deploymentSchema>;

const deploymentsSchema = z.array(deploymentSchema).min(1);

/** The repair for a value of the wrong type, or for an unknown field. */
const REPAIRS: Readonly<Record<keyof Deployment, string>> = {
  prefix: 'Write a text, such as "spine".',
  account: 'Write 12 digits as a text, such as "111122223333".',
  region: 'Write a text, such as "eu-west-1".',
  retention: 'Write durations by tenant, such as { "*": "P90D" }.',
  personal: 'Write paths by tenant, such as { "*": ["input.email"] }.',
  personalKeyArn: "Write the key's ARN.",
  encryptionKeyArn: "Write the key's ARN.",
  deletionProtection: "Write true or false.",
  removeWithStack: "Write true or false.",
  existingTable: 'Write { tableName: "restored", streamArn: "arn:aws:dynamodb:…:table/restored/stream/…" }.',
  quotas: 'Write quotas by tenant, such as { "*": { perSecond: 50 } }.',
  waits: "Write { total: 200, perTenant: 50 }.",
  streams: "Write { total: 100, perTenant: 25, reservedConcurrency: 100 }, or false for none.",
  callbacks: "Write {} for an endpoint, or { reservedConcurrency: 5 }.",
  sessionIndex: "Write true or false.",
  liveOutput: "Write true or false.",
  tenantInFlight: "Write a whole number, such as 10.",
  ceilings: "Write { tokens: 200_000, money: 5 }.",
  tenants: 'Write tenants by caller, such as { "444455556666": "crm" }.',
  rights: `Write lists of ${RIGHTS.join(", ")} by caller, such as { "444455556666": ["send", "read"] }.`,
  producers: 'Write [{ source: "com.example.shop", roles: ["arn:aws:iam::…:role/shop"] }].',
  bedrockModel: "Write the model's id, or that of an inference profile.",
  concurrency: "Write { inputs: 50 }.",
  doorConcurrency: "Write a whole number, such as 100.",
  commitForm: `Write ${FORMS}.`,
  tracing: 'Write "off", "xray", "otel", or { endpoint, collectorLayerArn, ratio } for OpenTelemetry.',
  mirror: "Write true or false.",
  scorers: "Write true or false.",
  questions: "Write {} for a topic, or { topic, webhook, link, withQuestion }.",
  alarmEmails: 'Write addresses, such as ["ops@example.com"].',
  alarmTopicArn: "Write the topic's ARN.",
};

/** Reads the deployments. Throws all problems at once: field, problem, repair. */
export function readDeployments(given: unknown): readonly Deployment[] {
  const parsed = deploymentsSchema.safeParse(given);
  if (!parsed.success) throw refusal(parsed.error.issues.map(problemOf));
  const names = parsed.data.map(({ prefix }) => prefix);
  const twice = names.findIndex((name, at) => names.indexOf(name) < at);
  if (twice !== -1)
    throw refusal([
      `[${twice}].prefix: "${names[twice]}" is already used by another deployment. Choose another one.`,
    ]);
  return parsed.data;
}

function problemOf({ path, message, code }: z.core.$ZodIssue): string {
  const field = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  if (code === "custom" || (code === "invalid_format" && message.endsWith(".")))
    return `${field}: ${message}`;
  const unknownField = code === "unrecognized_keys" && path.length === 1;
  const repair = unknownField
    ? `Remove it, or correct its name. A deployment has: ${Object.keys(REPAIRS).join(", ")}.`
    : (REPAIRS[path[1] as keyof Deployment] ?? 'Write [{ prefix: "spine" }].');
  return `${field || "deployments"}: ${message}. ${repair}`;
}

const refusal = (problems: readonly string[]): Error =>
  new Error(
    `infra/deployments.ts cannot be deployed:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
  );
