import { describe, expect, it } from "vitest";
import { sign, type OutgoingRequest, type Signing } from "#client/signing/sign.ts";

/** From AWS's published test suite for Signature Version 4. */
const SUITE: Signing = {
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
  region: "us-east-1",
  service: "service",
  now: new Date("2015-08-30T12:36:00Z"),
};
const request = (path: string, more: Partial<OutgoingRequest> = {}): OutgoingRequest => ({
  method: "GET",
  url: new URL(path, "https://example.amazonaws.com"),
  headers: {},
  body: "",
  ...more,
});
const signatureOf = async (sent: OutgoingRequest, more: Partial<Signing> = {}): Promise<string> =>
  (await sign(sent, { ...SUITE, ...more }))["authorization"]?.split("Signature=")[1] ?? "";

describe("a signed request", () => {
  it("matches AWS's own examples", async () => {
    expect(await sign(request("/"), SUITE)).toEqual({
      "x-amz-date": "20150830T123600Z",
      authorization:
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, " +
        "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    });
    expect(await signatureOf(request("/?Param2=value2&Param1=value1"))).toBe(
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    );
  });

  it("carries a session's token, which is signed as well", async () => {
    const credentials = { ...SUITE.credentials, sessionToken: "a/token==" };
    const headers = await sign(request("/"), { ...SUITE, credentials });
    expect(headers["x-amz-security-token"]).toBe("a/token==");
    expect(headers["authorization"]).toContain("SignedHeaders=host;x-amz-date;x-amz-security-token");
  });

  it.each<[string, OutgoingRequest, Partial<Signing>]>([
    ["method", request("/a", { method: "POST" }), {}],
    ["path", request("/b"), {}],
    ["query", request("/a?after=1"), {}],
    ["body", request("/a", { body: "{}" }), {}],
    ["host", request("https://other.amazonaws.com/a"), {}],
    ["Region", request("/a"), { region: "eu-west-1" }],
    ["time", request("/a"), { now: new Date("2015-08-30T12:36:01Z") }],
  ])("changes with another %s", async (_what, other, more) => {
    expect(await signatureOf(other, more)).not.toBe(await signatureOf(request("/a")));
  });
});
