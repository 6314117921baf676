import { LambdaClient, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import { FunctionSuffix, functionName } from "#aws/names.ts";
import { messageOf } from "#core/errors.ts";
import type { SessionKey } from "#core/ids.ts";
import type { OperatorReplies, OperatorRequest } from "#runtime/letters/operator-protocol.ts";
import type { Erased } from "#runtime/retention/create-erase.ts";
import { apiError } from "./api-error.ts";
import { createHttpCall, type Call } from "./call.ts";
import { authorizeAs, functionUrlOf } from "./reach-function.ts";
import { reaching, type Target } from "./reaching.ts";
import { TargetError } from "./usage-error.ts";

/** Asks a spine's function for operators, as whoever sits at the terminal: its URL takes signed requests. */
export type Operate = <Op extends OperatorRequest["op"]>(
  request: Extract<OperatorRequest, { op: Op }>,
) => Promise<OperatorReplies[Op]>;

/** A function that operators ask, and what its caller needs. */
interface Asked {
  readonly suffix: FunctionSuffix;
  readonly grant: string;
  /** What to do where the spine has no such function. */
  readonly absent?: string;
  /** How long it may take. @default as long as any request */
  readonly timeoutMs?: number;
}

const LETTERS: Asked = { suffix: FunctionSuffix.operator, grant: "spine.grantOperate(role)" };
const ERASING: Asked = {
  suffix: FunctionSuffix.retention,
  grant: "spine.grantErase(role)",
  absent:
    "Erasing needs a spine with retention or personal paths. Start one with `npm start -- --retention P30D`, or set `retention` in infra/deployments.ts and deploy.",
  timeoutMs: 900_000,
};

type OperatedTarget = Pick<Target, "where" | "prefix" | "environment" | "inProcess">;

/** That of a spine on this machine, or of a deployed one. */
export function createOperate(target: OperatedTarget): Operate {
  const ask = createAsk(target, LETTERS);
  // Which reply comes follows from what was asked; both sides are of one build.
  return async (request) => (await ask(request)) as OperatorReplies[(typeof request)["op"]];
}

/** Asks a spine's retention function to erase a session. */
export function createErase(target: OperatedTarget) {
  const ask = createAsk(target, ERASING);
  return async (erase: SessionKey & { readonly reason: string; readonly personal?: true }): Promise<Erased> =>
    (await ask(erase)) as Erased; // what the function says it answers
}

const IN_PROCESS_REPAIR = "Run the application on the local AWS: event-spine dev --aws.";

/** Signs what it asks. Throws `ApiError` for what is refused, `TargetError` where nobody answers. */
function createAsk({ where, prefix, environment, inProcess }: OperatedTarget, asked: Asked) {
  const { suffix, grant, timeoutMs } = asked;
  const client = new LambdaClient(clientOf(environment));
  const name = functionName(prefix, suffix);
  let call: Call | undefined;
  return async (body: object): Promise<unknown> => {
    // Without functions of its own it would be those of whatever account the process has credentials of.
    if (inProcess === true) throw new TargetError(`${where} has no function ${name}. ${IN_PROCESS_REPAIR}`);
    call ??= reaching(
      `${where}: ${name}`,
      createHttpCall(await urlOf(client, name, where, asked), authorizeAs(client), {
        ...(timeoutMs !== undefined && { timeoutMs }),
      }),
    );
    const headers = { "content-type": "application/json" };
    const answer = await call({ method: "POST", path: "/", headers, body: JSON.stringify(body) });
    if (answer.status !== 200) throw apiError(answer, { name: `The function ${name}`, grant });
    return JSON.parse(answer.body) as unknown;
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

async function urlOf(
  client: LambdaClient,
  name: string,
  where: string,
  { grant, absent }: Asked,
): Promise<string> {
  try {
    return await functionUrlOf(client, name);
  } catch (cause) {
    if (absent !== undefined && cause instanceof ResourceNotFoundException)
      throw new TargetError(`${where} has no function ${name} with a URL. ${absent}`, { cause });
    throw new TargetError(
      `${where}: the URL of the function ${name} cannot be found: ${messageOf(cause)}. Calling it needs ${grant}.`,
      { cause },
    );
  }
}
