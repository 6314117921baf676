import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readTokenSecret } from "#aws/token-secret.ts";

const ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:tokens-AbCdEf";
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
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await new Promise((closed) => server.close(closed));
});

const client = () =>
  new DynamoDBClient({ region: "eu-west-1", credentials: { ...credentials, sessionToken: "a-session" } });
const read = () => readTokenSecret(client(), ARN);

describe("the request for the secret of tokens", () => {
  it("asks once for the secret's value", async () => {
    expect(await read()).toBe("s3cret");
    expect(asked.map(({ body }) => JSON.parse(body) as unknown)).toEqual([{ SecretId: ARN }]);
    const { headers } = asked[0] ?? {};
    expect(headers?.["x-amz-target"]).toBe("secretsmanager.GetSecretValue");
    expect(headers?.["x-amz-security-token"]).toBe("a-session");
    expect(headers?.authorization).toMatch(
      /Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/secretsmanager\/aws4_request, SignedHeaders=.*host;.*x-amz-target, /,
    );
  });

  it("is repeated where that may help, and not where it cannot", async () => {
    answers.push({ status: 500, body: {} }, { status: 400, body: { __type: "ThrottlingException" } });
    expect(await read()).toBe("s3cret");
    expect(asked).toHaveLength(3);
    answers.push({ status: 400, body: { __type: "AccessDeniedException", Message: "not you" } });
    await expect(read()).rejects.toThrow("not you");
    expect(asked).toHaveLength(4);
  });

  it("is given up after three tries", async () => {
    answers.push(...Array.from({ length: 9 }, () => ({ status: 503, body: {} })));
    await expect(read()).rejects.toThrow("HTTP 503");
    expect(asked).toHaveLength(3);
  });

  it("says so when the secret has no text", async () => {
    answers.push({ status: 200, body: { SecretBinary: "AA==" } });
    await expect(read()).rejects.toThrow("no text value");
  });
});
