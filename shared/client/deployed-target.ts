import { LambdaClient, LambdaServiceException } from "@aws-sdk/client-lambda";
import { messageOf } from "#core/errors.ts";
import { FunctionSuffix, functionName } from "#aws/names.ts";
import { createHttpCall, type Call } from "./call.ts";
import { authorizeAs, functionUrlOf } from "./reach-function.ts";
import { reaching, type Target } from "./reaching.ts";
import { createHttpStreamCall, type StreamCall } from "./stream-call.ts";
import { TargetError, UsageError } from "./usage-error.ts";

export interface DeployedOptions {
  readonly prefix: string;
  /** @default the profile's or the environment's */
  readonly region: string | undefined;
  /** @default the URL of the ingress function that the prefix names */
  readonly ingress: string | undefined;
}

const URL_REGION = /\.lambda-url\.([a-z0-9-]+)\.on\.aws$/;

export interface DeployedTarget extends Target {
  /** The URL of the ingress. */
  readonly ingress: string;
}

/**
 * A spine in an AWS account, called with the credentials that the AWS CLI would use.
 *
 * @example
 * const { call, where } = await deployedTarget({ prefix: "spine", region: "eu-west-1", ingress: undefined });
 */
export async function deployedTarget(options: DeployedOptions): Promise<DeployedTarget> {
  const { prefix } = options;
  const given = options.ingress === undefined ? undefined : urlOf(options.ingress);
  const named = options.region ?? URL_REGION.exec(given?.hostname ?? "")?.[1];
  const client = new LambdaClient({ ...(named !== undefined && { region: named }) });
  const region = await orExplain(client.config.region, NO_REGION);
  // Asked for before the first request, so that their absence is not mistaken for a spine that does not answer.
  await orExplain(client.config.credentials, NO_CREDENTIALS);
  const ingress = given?.href ?? (await lookUp(client, prefix, region));
  const where = `The spine at ${ingress}`;
  return {
    where,
    call: reaching(where, createHttpCall(ingress, authorizeAs(client))),
    stream: reaching(`The stream of ${prefix}`, streamOf(client, prefix)),
    operator: reaching(`The operator function of ${prefix}`, operatorOf(client, prefix)),
    prefix,
    environment: { AWS_REGION: region },
    ingress,
  };
}

/** The stream's URL is looked up when it is needed first. A spine may have none, and a caller no right to ask for it. */
function streamOf(client: LambdaClient, prefix: string): StreamCall {
  let found: Promise<StreamCall | undefined> | undefined;
  const find = async (): Promise<StreamCall | undefined> => {
    try {
      const url = await functionUrlOf(client, functionName(prefix, FunctionSuffix.stream));
      return createHttpStreamCall(url, authorizeAs(client));
    } catch (error) {
      if (error instanceof LambdaServiceException) return undefined;
      throw error;
    }
  };
  return async (request) => (await (found ??= orForget(find(), () => (found = undefined))))?.(request);
}

function operatorOf(client: LambdaClient, prefix: string): Call {
  let found: Promise<Call> | undefined;
  const find = async (): Promise<Call> =>
    createHttpCall(
      await functionUrlOf(client, functionName(prefix, FunctionSuffix.operator)),
      authorizeAs(client),
    );
  return async (request) => (await (found ??= orForget(find(), () => (found = undefined))))(request);
}

/** What failed is tried again by who asks next. */
async function orForget<T>(finding: Promise<T>, forget: () => void): Promise<T> {
  try {
    return await finding;
  } catch (error) {
    forget();
    throw error;
  }
}

const NO_REGION =
  "--region: no Region is set. Give it, set AWS_REGION, or set AWS_PROFILE to a profile that has one.";
const NO_CREDENTIALS =
  "No AWS credentials were found. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; a spine on this machine needs none: `npm start`.";

async function orExplain<T>(find: () => Promise<T>, explanation: string): Promise<NonNullable<T>> {
  const found = await find().catch((cause: unknown) => {
    throw new TargetError(explanation, { cause });
  });
  if (found === undefined || found === null) throw new TargetError(explanation);
  return found;
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new UsageError(`--ingress: "${text}" is not a URL. Give the stack's output IngressUrl.`);
}

async function lookUp(client: LambdaClient, prefix: string, region: string): Promise<string> {
  const name = functionName(prefix, FunctionSuffix.ingress);
  try {
    return await functionUrlOf(client, name);
  } catch (cause) {
    throw new TargetError(
      `The URL of the function ${name} in ${region} cannot be found: ${messageOf(cause)}. Correct --prefix or --region, or give the stack's output IngressUrl as --ingress.`,
      { cause },
    );
  }
}
