import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { QUICK } from "./clients.ts";
import { fromEnvironment } from "./environment-credentials.ts";
import { signedHeaders } from "./signed-request.ts";

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
 * Reads the secret from which tokens are made: once, when a function starts. A request of our own, since the service's
 * client would be 13 kB of what each function loads at init, for one call. It is tried as long as other clients' are.
 */
export async function readTokenSecret(arn: string): Promise<string> {
  const region = arn.split(":")[3] ?? "";
  const body = JSON.stringify({ SecretId: arn });
  const call = { service: SERVICE, region, target: `${SERVICE}.GetSecretValue`, body };
  const url = new URL(endpointFor(arn, region));
  const credentials = fromEnvironment();
  for (let tried = 1; ; tried += 1) {
    const headers = signedHeaders(call, url.host, await credentials(), new Date());
    const answer = await post(url, headers, body).catch((error: unknown): Answer => ({
      status: 503,
      text: String(error),
    }));
    if (answer.status === 200) return secretIn(answer.text);
    if (tried === QUICK.maxAttempts || !mayPass(answer))
      throw new Error(`The secret for tokens cannot be read: HTTP ${answer.status}: ${answer.text}`);
    await new Promise((wake) => void setTimeout(wake, FIRST_PAUSE_MS * 2 ** tried));
  }
}

/** The region's, or what the SDK's own variables say. */
function endpointFor(arn: string, region: string): string {
  const { AWS_ENDPOINT_URL_SECRETS_MANAGER: own, AWS_ENDPOINT_URL: all } = process.env;
  const fips = process.env["AWS_USE_FIPS_ENDPOINT"] === "true" ? "-fips" : "";
  const suffix = SUFFIXES[arn.split(":")[1] ?? ""] ?? "amazonaws.com";
  return own || all || `https://${SERVICE}${fips}.${region}.${suffix}`;
}

const mayPass = ({ status, text }: Answer): boolean =>
  status >= 500 || status === 429 || text.includes("Throttling");

function secretIn(text: string): string {
  // The service's answer; what it may lack is looked at.
  const { SecretString } = JSON.parse(text) as { readonly SecretString?: string };
  if (SecretString === undefined) throw new Error("The secret for tokens has no text value.");
  return SecretString;
}

function post(url: URL, headers: Readonly<Record<string, string>>, body: string): Promise<Answer> {
  const request = url.protocol === "http:" ? requestPlain : requestSecure;
  const options = { method: "POST", headers, signal: AbortSignal.timeout(QUICK.requestTimeout) };
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => void chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    sent.once("error", reject);
    sent.end(body);
  });
}
