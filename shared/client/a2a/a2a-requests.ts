import * as z from "zod/mini";
import { isSpeakable, UNSPEAKABLE_PROBLEM } from "#core/ids.ts";
import type { Json, JsonObject } from "#core/json.ts";
import { A2aError } from "./a2a-error.ts";

/** Producers' ids may be so long. */
const MAX_ID = 256;
const MAX_PAGE = 100;
const DEFAULT_PAGE = 50;

/** An absent field and an empty text are the same in the protocol's JSON. */
const optionalText = z.pipe(
  z.optional(z.nullable(z.string())),
  z.transform((text) => text || undefined),
);
const optionalCount = z.optional(z.nullable(z.int().check(z.minimum(0, "must not be negative"))));
const optionalFlag = z.optional(z.nullable(z.boolean()));
const optionalRecord = z.optional(z.nullable(z.record(z.string(), z.json())));

const name = z
  .string()
  .check(
    z.minLength(1, "is empty"),
    z.maxLength(MAX_ID, `has more than ${MAX_ID} characters`),
    z.refine(isSpeakable, UNSPEAKABLE_PROBLEM.problem),
  );

const part = z.object({
  text: z.optional(z.nullable(z.string())),
  data: z.optional(z.json()),
  raw: z.optional(z.unknown()),
  url: z.optional(z.unknown()),
});

const sent = z.object({
  messageId: name,
  contextId: optionalText,
  taskId: optionalText,
  role: z.literal("ROLE_USER", "must be ROLE_USER"),
  parts: z.array(part).check(z.minLength(1, "has no part")),
  metadata: optionalRecord,
});

const tenant = z.optional(
  z.nullable(z.literal("", "must be empty: the gateway's credentials say for whom it speaks")),
);

const sendParams = z.object({
  tenant,
  message: sent,
  configuration: z.optional(
    z.nullable(
      z.object({
        historyLength: optionalCount,
        returnImmediately: optionalFlag,
        taskPushNotificationConfig: z.optional(z.unknown()),
      }),
    ),
  ),
  metadata: optionalRecord,
});

const getParams = z.object({ tenant, id: name, historyLength: optionalCount });
const taskParams = z.object({ tenant, id: name });

const listParams = z.object({
  tenant,
  contextId: optionalText,
  status: optionalText,
  pageSize: z.optional(
    z.nullable(z.int().check(z.minimum(1, "must be 1 at least"), z.maximum(MAX_PAGE, "must be 100 at most"))),
  ),
  pageToken: optionalText,
  historyLength: optionalCount,
  statusTimestampAfter: optionalText,
  includeArtifacts: optionalFlag,
});

/** A part of a message as clients send it. */
export type SentPart = z.infer<typeof part>;

/** A message that a client sends. */
export interface SentMessage {
  readonly messageId: string;
  readonly contextId: string | undefined;
  readonly taskId: string | undefined;
  readonly parts: readonly SentPart[];
  /** Of the request and of the message, whose own counts. */
  readonly metadata: JsonObject;
}

export interface SendRequest {
  readonly message: SentMessage;
  readonly historyLength: number | undefined;
  readonly returnImmediately: boolean;
}

export interface ListRequest {
  readonly contextId: string | undefined;
  readonly status: string | undefined;
  readonly pageSize: number;
  readonly pageToken: string | undefined;
  readonly historyLength: number | undefined;
  readonly after: string | undefined;
  readonly withArtifacts: boolean;
}

/** Reads the parameters of both ways to send. Throws `A2aError`, as all of these do. */
export function readSend(params: Json): SendRequest {
  const { message, configuration, metadata } = read(sendParams, params);
  const { historyLength, returnImmediately, taskPushNotificationConfig } = configuration ?? {};
  if (taskPushNotificationConfig !== undefined && taskPushNotificationConfig !== null)
    throw new A2aError("PUSH_NOTIFICATION_NOT_SUPPORTED", "This agent sends no push notifications.");
  const { messageId, contextId, taskId, parts } = message;
  const merged = { ...metadata, ...message.metadata } as JsonObject; // both were read from JSON
  return {
    message: { messageId, contextId, taskId, parts, metadata: merged },
    historyLength: historyLength ?? undefined,
    returnImmediately: returnImmediately ?? false,
  };
}

export function readGet(params: Json): { readonly id: string; readonly historyLength: number | undefined } {
  const { id, historyLength } = read(getParams, params);
  return { id, historyLength: historyLength ?? undefined };
}

export const readTask = (params: Json): string => read(taskParams, params).id;

export function readList(params: Json): ListRequest {
  const { pageSize, includeArtifacts, historyLength, statusTimestampAfter, ...rest } = read(
    listParams,
    params,
  );
  const { contextId, status, pageToken } = rest;
  return {
    contextId,
    status,
    pageToken,
    pageSize: pageSize ?? DEFAULT_PAGE,
    historyLength: historyLength ?? undefined,
    after: statusTimestampAfter,
    withArtifacts: includeArtifacts ?? false,
  };
}

function read<Schema extends z.ZodMiniType>(schema: Schema, params: Json): z.output<Schema> {
  const { data, error } = schema.safeParse(params);
  if (error === undefined) return data as z.output<Schema>; // zod's own result
  const [issue] = error.issues;
  const field = issue?.path.join(".") || "params";
  throw new A2aError(
    "INVALID_PARAMS",
    `${field}: ${issue?.message ?? "is not what the protocol asks for"}`,
    field,
  );
}
