import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { QUICK } from "./clients.ts";

const SERVICE = "secretsmanager";
const FIRST_PAUSE_MS = 50;
/** What host names of other partitions end with. */
const SUFFIXES: Readonly<Record<string, string>> = {
  "aws-cn": "amazonaws.com.cn",
  "aws-eusc": "amazonaws.eu",
  "aws-iso": "c2s.ic.gov",
  "aws-iso-b": "sc2s.sgov.gov",
};

interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Reads the secret from which tokens are made: once, when a function starts. The request is signed and sent by the parts
 * of a client that is there anyway, since the service's own would be 13 kB of what each function loads at init. It is tried
 * as often as others are.
 */
export async function readTokenSecret({ config }: DynamoDBClient, arn: string): Promise<string> {
  const [, partition = "", , region = ""] = arn.split(":");
  const body = JSON.stringify({ SecretId: arn });
  for (let tried = 1; ; tried += 1) {
    const answer = await ask(config, endpointIn(partition, region), region, body);
    if (answer.status === 200) return secretIn(answer.text);
    if (tried === QUICK.maxAttempts || !mayPass(answer))
      throw new Error(`The secret for tokens cannot be read: HTTP ${answer.status}: ${answer.text}`);
    await new Promise((wake) => void setTimeout(wake, FIRST_PAUSE_MS * 2 ** tried));
  }
}

/** The Region's, or what the SDK's own variables say. */
function endpointIn(partition: string, region: string): URL {
  const { AWS_ENDPOINT_URL_SECRETS_MANAGER: own, AWS_ENDPOINT_URL: all } = process.env;
  const fips = process.env["AWS_USE_FIPS_ENDPOINT"] === "true" ? "-fips" : "";
  return new URL(
    own || all || `https://${SERVICE}${fips}.${region}.${SUFFIXES[partition] ?? "amazonaws.com"}`,
  );
}

/** One try. No answer counts as one that may pass. */
async function ask(
  { signer, requestHandler, streamCollector }: DynamoDBClient["config"],
  { protocol, hostname, port, host }: URL,
  region: string,
  body: string,
): Promise<Answer> {
  const scheme = { name: "sigv4", signingName: SERVICE, signingRegion: region, properties: {} };
  const request = {
    method: "POST",
    protocol,
    hostname,
    ...(port !== "" && { port: Number(port) }),
    path: "/",
    query: {},
    headers: {
      host,
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `${SERVICE}.GetSecretValue`,
    },
    body,
  };
  try {
    const signed = await (await signer(scheme)).sign(request);
    const { response } = await requestHandler.handle(signed as Parameters<typeof requestHandler.handle>[0]);
    const text = Buffer.from(await streamCollector(response.body)).toString("utf8");
    return { status: response.statusCode, text };
  } catch (error) {
    return { status: 503, text: String(error) };
  }
}

const mayPass = ({ status, text }: Answer): boolean =>
  status >= 500 || status === 429 || text.includes("Throttling");

function secretIn(text: string): string {
  // The service's answer; what it may lack is looked at.
  const { SecretString } = JSON.parse(text) as { readonly SecretString?: string };
  if (SecretString === undefined) throw new Error("The secret for tokens has no text value.");
  return SecretString;
}
