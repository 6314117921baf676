import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import { authorizeBy, signedFetch } from "#client/signing/signed-fetch.ts";
import type { Credentials } from "#client/signing/sign.ts";
import type { Definition } from "./definition.ts";
import { StatesError } from "./states-error.ts";

export interface ServiceCallsOptions {
  /** The local endpoints, by the variable that names each to the SDK. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Of the state machine's role. */
  readonly credentials: Credentials;
  readonly region: string;
}

type Call = (parameters: JsonObject, options: ServiceCallsOptions) => Promise<Json>;

const text = (parameters: JsonObject, name: string): string => {
  const value = parameters[name];
  if (typeof value === "string") return value;
  throw new StatesError("States.Runtime", `The parameter ${name} is ${JSON.stringify(value)}.`);
};
/** A message's body may be an object, which is sent as its JSON. */
const bodyText = (value: Json | undefined): string =>
  typeof value === "string" ? value : JSON.stringify(value);

/** The integrations that are understood, by the end of their resource, with the parameters that each takes. */
const INTEGRATIONS: Readonly<Record<string, { readonly takes: readonly string[]; readonly call: Call }>> = {
  "lambda:invoke": { takes: ["FunctionName", "Payload"], call: invoke },
  "sqs:sendMessage": {
    takes: ["QueueUrl", "MessageBody", "MessageGroupId", "MessageDeduplicationId", "DelaySeconds"],
    call: sendMessage,
  },
};
const RESOURCE = /^arn:aws:states:::(\w+:\w+)$/;

/** Refuses tasks of other integrations, or with parameters that would be left out here. */
export function requireKnownCalls({ States }: Definition, owner: string): void {
  for (const [name, { Type, Resource, Parameters }] of Object.entries(States)) {
    if (Type !== "Task") continue;
    const integration = INTEGRATIONS[RESOURCE.exec(String(Resource))?.[1] ?? ""];
    if (integration === undefined)
      throw new Error(`${owner}: ${name} calls ${String(Resource)}, which is not understood here.`);
    const given = isJsonObject(Parameters) ? Object.keys(Parameters) : [];
    const unknown = given.filter((field) => !integration.takes.includes(field.replace(/\.\$$/, "")));
    if (unknown.length > 0)
      throw new Error(`${owner}: ${name} has ${unknown.join(", ")}, which is not understood here.`);
  }
}

/** Calls services at their local endpoints, with the rights of a state machine's role and no others. */
export const createServiceCalls =
  (options: ServiceCallsOptions) =>
  (resource: string, parameters: Json): Promise<Json> => {
    const integration = INTEGRATIONS[RESOURCE.exec(resource)?.[1] ?? ""];
    // Every task's resource was looked at when the definition was read.
    if (integration === undefined || !isJsonObject(parameters))
      throw new StatesError("States.Runtime", resource);
    return integration.call(parameters, options);
  };

async function invoke(
  parameters: JsonObject,
  { endpoints, credentials, region }: ServiceCallsOptions,
): Promise<Json> {
  const send = signedFetch(authorizeBy(credentials, region, "lambda"));
  const name = encodeURIComponent(text(parameters, "FunctionName"));
  const response = await send(
    `${endpoints["AWS_ENDPOINT_URL_LAMBDA"]}/2015-03-31/functions/${name}/invocations`,
    {
      method: "POST",
      body: JSON.stringify(parameters["Payload"] ?? {}),
    },
  );
  const body = (await response.json()) as Json;
  if (!response.ok) throw failure("Lambda", response.headers.get("x-amzn-errortype"), body);
  if (response.headers.has("x-amz-function-error")) {
    const { errorType } = isJsonObject(body) ? body : {};
    throw new StatesError(typeof errorType === "string" ? errorType : "Lambda.Unknown", JSON.stringify(body));
  }
  return { ExecutedVersion: "$LATEST", Payload: body, StatusCode: 200 };
}

async function sendMessage(
  parameters: JsonObject,
  { endpoints, credentials, region }: ServiceCallsOptions,
): Promise<Json> {
  const send = signedFetch(authorizeBy(credentials, region, "sqs"));
  const response = await send(endpoints["AWS_ENDPOINT_URL_SQS"] ?? "", {
    method: "POST",
    headers: { "x-amz-target": "AmazonSQS.SendMessage" },
    body: JSON.stringify({ ...parameters, MessageBody: bodyText(parameters["MessageBody"]) }),
  });
  const body = (await response.json()) as Json;
  if (response.ok) return body;
  throw failure("SQS", isJsonObject(body) ? String(body["__type"]) : null, body);
}

/** A service's refusal, named after it. */
function failure(service: string, code: string | null, body: Json): StatesError {
  const message = isJsonObject(body) ? body["message"] : undefined;
  // Without the namespace that the JSON protocol may put before it.
  const name = code?.split("#").at(-1) ?? "Unknown";
  return new StatesError(`${service}.${name}`, String(message ?? JSON.stringify(body)));
}
