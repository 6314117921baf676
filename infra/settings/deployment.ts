import { Duration } from "aws-cdk-lib";
import * as z from "zod";
import { RIGHTS } from "#core/rights.ts";
import { checkPersonalPaths } from "../constructs/personal-key.ts";
import { checkCeilings } from "./ceilings.ts";
import { coreConcurrency } from "./concurrency.ts";
import { checkForm, FORMS } from "./commit-form.ts";
import { checkPrefix } from "./aws-limits.ts";
import { checkTracing } from "./tracing-options.ts";
import { checkQuota } from "./tenant-quotas.ts";
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
    .regex(new RegExp(`^arn:[^:]+:${service}:`), `is no ARN of ${service}. Write one such as ${example}.`);

const duration = z.string().superRefine((value, context) => {
  if (!/^P(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$/.test(value) || value === "P")
    context.addIssue({
      code: "custom",
      message: `"${value}" is no duration. Write ISO 8601, such as P90D or PT10M.`,
    });
  else if (Duration.parse(value).toMilliseconds() < Duration.minutes(1).toMilliseconds())
    context.addIssue({ code: "custom", message: `"${value}" is too short. Give a minute or more.` });
});

const quota = z
  .strictObject({ perSecond: z.number(), burst: z.number().optional() })
  .superRefine(checked(checkQuota))
  .readonly();

const deploymentSchema = z
  .strictObject({
    /** What all names start with, those of the stacks too; no two deployments have the same. */
    prefix: z.string().superRefine(checked(checkPrefix)),
    /** The account that the stacks may be deployed to, 12 digits. @default whichever the credentials are of */
    account: z
      .string()
      .regex(/^\d{12}$/, "is no account. Write its 12 digits.")
      .optional(),
    /** The Region that the stacks may be deployed to. @default the one of the credentials' profile */
    region: text.optional(),
    /** How long a session stays after the last that happened in it, in ISO 8601 by tenant; `*` is every other. @default for ever */
    retention: z.record(text, duration).optional(),
    /** Paths of the context that hold personal values, by tenant; `*` is every other. @default none */
    personal: z.record(text, z.array(z.string())).superRefine(checked(checkPersonalPaths)).optional(),
    /** A key of KMS that is there already, for the personal values of sessions. @default one is made where there are paths */
    personalKeyArn: arn("kms", "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-…").optional(),
    /** A key of KMS for tables, buckets, queues, logs and the secret of tokens. @default keys of AWS's own, which cost nothing by call */
    encryptionKeyArn: arn("kms", "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-…").optional(),
    /** Refuses to delete tables, whoever asks: also CloudFormation when a first deployment fails, so it is for the second. @default false */
    deletionProtection: z.boolean().optional(),
    /** All data goes with the stack: for trying things out. @default false */
    removeWithStack: z.boolean().optional(),
    /** A log's table that is there already, such as one that was restored. @default one is made */
    existingTable: z
      .strictObject({
        tableName: text,
        streamArn: arn(
          "dynamodb",
          "arn:aws:dynamodb:eu-west-1:111122223333:table/restored/stream/2026-11-28T00:00:00.000",
        ),
      })
      .optional(),
    /** How many events each tenant may send. @default nobody's events are counted */
    quotas: z
      .strictObject({ default: quota.optional(), tenants: z.record(text, quota).optional() })
      .optional(),
    /** How many requests are held for their replies at once. @default 200, and a quarter of them for a tenant */
    waits: z
      .strictObject({ total: z.number().optional(), perTenant: z.number().optional() })
      .superRefine(checked(waitBounds))
      .optional(),
    /** What no event's budget lifts. @default 1,000 hops, and no other */
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
    /** What callers may do, by principal, account or `account/source`; `*` is every other. @default to send alone */
    rights: z.record(text, z.array(z.enum(RIGHTS)).readonly()).optional(),
    /** Which roles, by ARN, may put events of which source on spine-in. @default any source, whoever has the right by IAM */
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
    /** Batches of the core's queues that are worked on side by side (docs/quotas.md). @default CoreConcurrency's */
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
    /** Environments of Lambda that are kept for the door. @default it shares those of the account */
    doorConcurrency: z.int().min(1).optional(),
    /** How what functions do can be followed (docs/traces.md). @default "off" */
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
     * The newest form in which commits are written. A spine that is new takes the newest; one that runs is told of a newer form by the
     * deployment after that of the version which brought it (docs/deploy.md). @default 1, which every version reads
     */
    commitForm: z.number().superRefine(checked(checkForm)).optional(),
    /** Keeps the state of every session in a table of its own, by an ordered subscription. @default false */
    mirror: z.boolean().optional(),
    /** E-mail addresses that are told of alarms, once each has confirmed it. @default nobody until somebody is subscribed to the topic */
    alarmEmails: z
      .array(z.email("is no e-mail address. Write one such as ops@example.com."))
      .min(1)
      .optional(),
    /** A topic of SNS that is there already, which alarms tell. @default one is made, PREFIX-alarms */
    alarmTopicArn: arn("sns", "arn:aws:sns:eu-west-1:111122223333:on-call").optional(),
  })
  .refine(({ alarmEmails, alarmTopicArn }) => alarmEmails === undefined || alarmTopicArn === undefined, {
    path: ["alarmEmails"],
    message:
      "would not be told, since alarms tell the topic alarmTopicArn. Subscribe them there, or leave out one of the two.",
  });

/** What one spine is. */
export type Deployment = z.infer<typeof deploymentSchema>;

const deploymentsSchema = z.array(deploymentSchema).min(1);

/** What to do where a value has another type than its field, or the field is unknown. */
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
  quotas: "Write { default: { perSecond: 50 } }.",
  waits: "Write { total: 200, perTenant: 50 }.",
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
  alarmEmails: 'Write addresses, such as ["ops@example.com"].',
  alarmTopicArn: "Write the topic's ARN.",
};

/** Reads what is to be deployed. Throws all that is wrong with it at once: field, problem, repair. */
export function readDeployments(given: unknown): readonly Deployment[] {
  const parsed = deploymentsSchema.safeParse(given);
  if (!parsed.success) throw refusal(parsed.error.issues.map(problemOf));
  const names = parsed.data.map(({ prefix }) => prefix);
  const twice = names.findIndex((name, at) => names.indexOf(name) < at);
  if (twice !== -1)
    throw refusal([
      `[${twice}].prefix: "${names[twice]}" is taken by another deployment. Choose another one.`,
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
