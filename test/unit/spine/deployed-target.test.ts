import { GetFunctionUrlConfigCommand, LambdaClient, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSpineClient } from "#client/client.ts";
import { deployedTarget } from "#client/deployed-target.ts";
import { mockedClient } from "../../aws/aws-mock.ts";

const lambda = mockedClient(LambdaClient);
const received: IncomingHttpHeaders[] = [];
const urls: (string | undefined)[] = [];
const server = createServer(({ headers, url }, response) => {
  received.push(headers);
  urls.push(url);
  response.end("{}");
});
let address: string;

beforeEach(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  // A TCP server's address is an object.
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => {
  vi.unstubAllEnvs();
  lambda.reset();
  received.splice(0);
  urls.splice(0);
  server.close();
});

afterAll(() => lambda.restore());

describe("a deployed spine", () => {
  it("is found by the name of its ingress function, and called with the user's credentials", async () => {
    lambda
      .on(GetFunctionUrlConfigCommand, { FunctionName: "shop-ingress" })
      .resolves({ FunctionUrl: address });
    const target = await deployedTarget({ prefix: "shop", region: "eu-west-1", ingress: undefined });
    await target.call({ method: "GET", path: "/sessions/s1/state" });
    expect(received[0]?.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/lambda\/aws4_request, /,
    );
    expect(target).toMatchObject({ prefix: "shop", environment: { AWS_REGION: "eu-west-1" } });
  });

  it("has its streams and its health at the URLs of the functions that are named for them", async () => {
    for (const name of ["ingress", "stream", "operator"])
      lambda
        .on(GetFunctionUrlConfigCommand, { FunctionName: `shop-${name}` })
        .resolves({ FunctionUrl: `${address}${name}/` });
    const target = await deployedTarget({ prefix: "shop", region: "eu-west-1", ingress: undefined });
    expect(lambda.calls()).toHaveLength(1);
    const answer = await target.stream?.({ path: "/sessions/s1/events", headers: {} });
    let body = "";
    for await (const part of answer?.body ?? []) body += part;
    expect([answer?.status, body]).toEqual([200, "{}"]);
    expect(await createSpineClient(target.call, target).health()).toEqual({});
    expect(urls).toEqual(["/stream/sessions/s1/events", "/operator/health"]);
    for (const { authorization } of received) expect(authorization).toMatch(/^AWS4-HMAC-SHA256 /);
  });

  it("without streams, or for a caller that may not ask for their URL, is read by pages", async () => {
    lambda
      .on(GetFunctionUrlConfigCommand, { FunctionName: "shop-ingress" })
      .resolves({ FunctionUrl: address });
    const refusal = new ResourceNotFoundException({ $metadata: {}, message: "none" });
    lambda.on(GetFunctionUrlConfigCommand, { FunctionName: "shop-stream" }).rejects(refusal);
    const target = await deployedTarget({ prefix: "shop", region: "eu-west-1", ingress: undefined });
    expect(await target.stream?.({ path: "/sessions/s1/events", headers: {} })).toBeUndefined();
  });

  it("that cannot be found is reported with the function's name and Region", async () => {
    lambda.on(GetFunctionUrlConfigCommand).rejects(new Error("Not there."));
    await expect(deployedTarget({ prefix: "shop", region: "eu-west-1", ingress: undefined })).rejects.toThrow(
      /^The URL of the function shop-ingress in eu-west-1 cannot be found: Not there\./,
    );
  });

  it("is in the Region that its URL names", async () => {
    const ingress = "https://abc.lambda-url.ap-south-1.on.aws/";
    const target = await deployedTarget({ prefix: "spine", region: undefined, ingress });
    expect(target.environment).toEqual({ AWS_REGION: "ap-south-1" });
  });

  it("that does not answer is reported", async () => {
    server.close();
    const target = await deployedTarget({ prefix: "spine", region: "eu-west-1", ingress: address });
    await expect(target.call({ method: "GET", path: "/" })).rejects.toThrow(
      /^The spine at http:.* does not answer: .*ECONNREFUSED/,
    );
  });

  it("is rejected with an invalid address", async () => {
    await expect(deployedTarget({ prefix: "spine", region: "eu-west-1", ingress: "here" })).rejects.toThrow(
      '--ingress: "here" is not a URL. Give the stack\'s output IngressUrl.',
    );
  });
});
