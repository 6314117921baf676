import { readdirSync, statSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, it } from "vitest";
import type { LocalCloud } from "#local/cloud.ts";
import { credentialsIn } from "#client/signing/credentials-in.ts";
import { authorizeBy } from "#client/signing/signed-fetch.ts";
import { startCloud, temporaryFolder, writeAssembly } from "./fixture/assembly.ts";
import { STORES } from "./fixture/stores.ts";

/** What a page in a browser can do: reach a port of this machine by a name that resolves to it. */
async function asHost(host: string, url: string, headers: Readonly<Record<string, string>> = {}) {
  const outgoing = request(url, { method: "POST", headers: { ...headers, host } });
  const answered = new Promise<{ status: number; body: string }>((resolve, reject) => {
    outgoing.once("error", reject);
    outgoing.once("response", (incoming) => {
      text(incoming).then((body) => resolve({ status: incoming.statusCode ?? 0, body }), reject);
    });
  });
  outgoing.end("{}");
  return answered;
}

describe("the local endpoints", () => {
  const dataDir = join(temporaryFolder(), "data");
  let cloud: LocalCloud;
  const endpoints = () =>
    Object.entries(cloud.environment).filter(([name]) => name.startsWith("AWS_ENDPOINT_URL"));
  beforeAll(async () => {
    cloud = await startCloud({ templateDir: writeAssembly(STORES), dataDir });
  });

  it("reject host names that others gave this machine", async () => {
    expect(endpoints().length).toBeGreaterThanOrEqual(8);
    for (const [name, url] of endpoints()) {
      for (const host of ["rebound.example", `rebound.example:${new URL(url).port}`, "127.0.0.1.nip.io"])
        expect(await asHost(host, url), `${name} as ${host}`).toMatchObject({
          status: 403,
          body: expect.stringContaining("this machine only") as string,
        });
      // By its own name it is reached, and refuses who does not sign.
      expect((await asHost(`localhost:${new URL(url).port}`, url)).body).not.toContain("this machine only");
    }
  });

  it("reject an operation named like a property that every object inherits", async () => {
    for (const service of ["SQS", "EVENTBRIDGE", "KMS", "SECRETS_MANAGER", "SFN", "DYNAMODB"]) {
      const endpoint = cloud.environment[`AWS_ENDPOINT_URL_${service}`] ?? "";
      const name = SIGNED_AS[service] ?? service.toLowerCase();
      for (const operation of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
        const headers = {
          "content-type": "application/x-amz-json-1.0",
          "x-amz-target": `X.${operation}`,
        };
        const url = new URL(endpoint);
        const sign = authorizeBy(
          credentialsIn(cloud.environment),
          cloud.environment["AWS_REGION"] ?? "",
          name,
        );
        const signature = await sign({ method: "POST", url, headers, body: "{}" });
        const answer = await fetch(url, {
          method: "POST",
          headers: { ...headers, ...signature },
          body: "{}",
        });
        expect(answer.status, `${service} ${operation}`).toBe(400);
        expect(await answer.text()).toContain("UnknownOperationException");
      }
    }
  });

  it("store their data readable by its owner only", () => {
    expect(statSync(dataDir).mode & 0o077).toBe(0);
    expect(readdirSync(dataDir)).toContain("tables");
  });
});

const SIGNED_AS: Readonly<Record<string, string>> = {
  CLOUDWATCH: "monitoring",
  EVENTBRIDGE: "events",
  SECRETS_MANAGER: "secretsmanager",
  SFN: "states",
};
