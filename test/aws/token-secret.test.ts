import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { signedHeaders } from "#aws/signed-request.ts";
import { readTokenSecret } from "#aws/token-secret.ts";

const ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:tokens-AbCdEf";
const NOW = new Date("2026-03-02T09:08:07.123Z");
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG" };

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Asked {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

let server: Server;
let answers: Answer[];
let asked: Asked[];

beforeEach(async () => {
  answers = [];
  asked = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      asked.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      const { status, body } = answers.shift() ?? { status: 200, body: { SecretString: "s3cret" } };
      response.writeHead(status).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((listening) => void server.listen(0, "127.0.0.1", listening));
  vi.stubEnv(
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  );
  vi.stubEnv("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await new Promise((closed) => server.close(closed));
});

const call = {
  service: "secretsmanager",
  region: "eu-west-1",
  target: "secretsmanager.GetSecretValue",
  body: JSON.stringify({ SecretId: ARN }),
};
const HOST = "secretsmanager.eu-west-1.amazonaws.com";

/** The same headers, signed by the SDK's own signer. */
async function signedBySdk(headers: Readonly<Record<string, string>>, sessionToken: string | undefined) {
  const client = new SecretsManagerClient({
    region: call.region,
    credentials: { ...credentials, ...(sessionToken !== undefined && { sessionToken }) },
  });
  const signer = await client.config.signer({
    name: "sigv4",
    signingName: call.service,
    signingRegion: call.region,
    properties: {},
  });
  const request = {
    method: "POST",
    protocol: "https:",
    hostname: HOST,
    path: "/",
    query: {},
    headers: { ...headers },
    body: call.body,
  };
  return (await signer.sign(request, { signingDate: NOW })).headers;
}

describe("the request for the secret of tokens", () => {
  it.each([undefined, "a-session-token"])("is signed as the SDK signs (session token: %s)", async (token) => {
    const own = { ...credentials, ...(token !== undefined && { sessionToken: token }) };
    const headers = signedHeaders(call, HOST, own, NOW);
    expect(headers["x-amz-security-token"]).toBe(token);
    const { authorization, ...unsigned } = headers;
    expect((await signedBySdk(unsigned, token))["authorization"]).toBe(authorization);
  });

  it("asks once for the secret's value", async () => {
    expect(await readTokenSecret(ARN)).toBe("s3cret");
    expect(asked.map(({ body }) => JSON.parse(body) as unknown)).toEqual([{ SecretId: ARN }]);
    expect(asked[0]?.headers["authorization"]).toContain("/eu-west-1/secretsmanager/aws4_request");
  });

  it("is repeated where that may help, and not where it cannot", async () => {
    answers.push({ status: 500, body: {} }, { status: 400, body: { __type: "ThrottlingException" } });
    expect(await readTokenSecret(ARN)).toBe("s3cret");
    expect(asked).toHaveLength(3);
    answers.push({ status: 400, body: { __type: "AccessDeniedException", Message: "not you" } });
    await expect(readTokenSecret(ARN)).rejects.toThrow("not you");
    expect(asked).toHaveLength(4);
  });

  it("is given up after three tries", async () => {
    answers.push(...Array.from({ length: 9 }, () => ({ status: 503, body: {} })));
    await expect(readTokenSecret(ARN)).rejects.toThrow("HTTP 503");
    expect(asked).toHaveLength(3);
  });

  it("says so when the secret has no text", async () => {
    answers.push({ status: 200, body: { SecretBinary: "AA==" } });
    await expect(readTokenSecret(ARN)).rejects.toThrow("no text value");
  });
});
