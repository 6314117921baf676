import { InvokeCommand, LambdaClient, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import { messageOf, type SpineError } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import type { EraseResponse } from "#functions/retention/sweep.ts";
import type { Erased } from "#runtime/retention/create-erase.ts";
import { FunctionSuffix, functionName } from "#aws/names.ts";
import type {
  OperatorReplies,
  OperatorRequest,
  OperatorResponse,
} from "#runtime/letters/operator-protocol.ts";
import { ApiError } from "./api-error.ts";
import type { Target } from "./reaching.ts";
import { TargetError } from "./usage-error.ts";

/** Asks a spine's function for operators, with the rights of whoever sits at the terminal. */
export type Operate = <Op extends OperatorRequest["op"]>(
  request: Extract<OperatorRequest, { op: Op }>,
) => Promise<OperatorReplies[Op]>;

/** What it refuses, by its code, as the ingress would answer it. */
const STATUS: Readonly<Partial<Record<SpineError["code"], number>>> = {
  "session.expired": 410,
  "session.unreadable": 423,
  "log.other-version": 503,
};

/** That of a spine on this machine, or of a deployed one. */
export function createOperate({ where, prefix, environment }: Target): Operate {
  const client = new LambdaClient(clientOf(environment));
  const name = functionName(prefix, FunctionSuffix.operator);
  return async (request) => {
    const response = await invoke<OperatorResponse>(
      client,
      name,
      where,
      { operate: request },
      "spine.grantOperate(role)",
    );
    // Which reply comes follows from what was asked; both sides are of one build.
    if (response.ok) return response.reply as OperatorReplies[(typeof request)["op"]];
    throw new ApiError(STATUS[response.error.code] ?? 400, response.error.message);
  };
}

/** A spine on this machine has endpoints and credentials of its own; a deployed one is called as the AWS CLI would. */
function clientOf(environment: Target["environment"]) {
  const {
    AWS_ENDPOINT_URL_LAMBDA: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_REGION: region,
  } = environment;
  const secretAccessKey = environment["AWS_SECRET_ACCESS_KEY"];
  return {
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && { credentials: { accessKeyId, secretAccessKey } }),
  };
}

const NO_RETENTION =
  "It erases for a spine with retention or personal paths. Start one with `npm start -- --retention P30D`, or set `retention` in infra/deployments.ts and deploy.";

/** Asks a spine's retention function to erase a session. */
export function createErase({ where, prefix, environment }: Target) {
  const client = new LambdaClient(clientOf(environment));
  const name = functionName(prefix, FunctionSuffix.retention);
  return async (
    erase: SessionKey & { readonly reason: string; readonly personal?: true },
  ): Promise<Erased> => {
    const response = await invoke<EraseResponse>(
      client,
      name,
      where,
      { erase },
      "spine.grantErase(role)",
      NO_RETENTION,
    );
    if (response.ok) return response.reply;
    throw new ApiError(STATUS[response.error.code] ?? 400, response.error.message);
  };
}

async function invoke<Response>(
  client: LambdaClient,
  name: string,
  where: string,
  event: object,
  grant: string,
  absent?: string,
): Promise<Response> {
  try {
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }),
    );
    const text = Payload?.transformToString() ?? "";
    if (FunctionError !== undefined) throw new Error(text);
    return JSON.parse(text) as Response; // what the function says it answers
  } catch (cause) {
    if (absent !== undefined && cause instanceof ResourceNotFoundException)
      throw new TargetError(`${where} has no function ${name}. ${absent}`, { cause });
    throw new TargetError(
      `${where}: the function ${name} does not answer: ${messageOf(cause)}. Calling it needs ${grant}.`,
      { cause },
    );
  }
}
