import { describe, expect, it } from "vitest";
import { AwsError } from "#local/http/service-error.ts";
import type { LocalRequest } from "#local/http/loopback-server.ts";
import type { AccessKey } from "#local/signing/access-key.ts";
import { FUNCTION_URL, LAMBDA, S3, SQS, type SigningService } from "#local/signing/services.ts";
import { verifySignature } from "#local/signing/verify.ts";
import { sign } from "#client/signing/sign.ts";

const REGION = "us-east-1";
const request = (more: Partial<LocalRequest>): LocalRequest => ({
  method: "GET",
  target: "/",
  headers: {},
  body: Buffer.from(more.body ?? ""),
  sourceIp: "127.0.0.1",
  gone: new AbortController().signal,
  ...more,
});
/** What becomes of a request: whose it is, or the refusal's code and status. */
async function answerTo(sent: LocalRequest, service: SigningService, key: AccessKey, linkNow = key.now) {
  const keyOf = (id: string) => (id === key.accessKeyId ? key : undefined);
  try {
    return (await verifySignature(sent, { service, region: REGION, keyOf, linkNow })).accessKeyId;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return `${error.status} ${error.code}`;
  }
}

describe("the requests of AWS's own test suite for Signature Version 4", () => {
  const AT = Date.parse("2015-08-30T12:36:00Z");
  const key: AccessKey = {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    now: () => AT,
  };
  const SUITE: SigningService = { name: "service", style: "json", links: false };

  it.each<{
    readonly name: string;
    readonly sent: Partial<LocalRequest>;
    readonly signed?: string;
    readonly signature: string;
  }>([
    {
      name: "get-vanilla",
      sent: {},
      signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    },
    {
      name: "get-vanilla-query-order-key-case",
      sent: { target: "/?Param2=value2&Param1=value1" },
      signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    },
    {
      name: "get-vanilla-query-unreserved",
      sent: {
        target:
          "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
      },
      signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
    },
    {
      name: "get-header-value-trim",
      sent: { headers: { "my-header1": " value1", "my-header2": ' "a   b   c"' } },
      signed: "host;my-header1;my-header2;x-amz-date",
      signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    },
    {
      name: "get-utf8",
      sent: { target: "/\u1234" },
      signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
    },
    {
      name: "post-vanilla",
      sent: { method: "POST" },
      signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    },
    {
      name: "post-header-key-sort",
      sent: { method: "POST", headers: { "my-header1": "value1" } },
      signed: "host;my-header1;x-amz-date",
      signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
    },
    {
      name: "post-x-www-form-urlencoded",
      sent: {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: Buffer.from("Param1=value1"),
      },
      signed: "content-type;host;x-amz-date",
      signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    },
  ])("$name", async ({ sent, signed = "host;x-amz-date", signature }) => {
    const authorization = (given: string) =>
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signed}, Signature=${given}`;
    const headers = { host: "example.amazonaws.com", "x-amz-date": "20150830T123600Z", ...sent.headers };
    const sentWith = (given: string) =>
      request({ ...sent, headers: { ...headers, authorization: authorization(given) } });
    expect(await answerTo(sentWith(signature), SUITE, key)).toBe("AKIDEXAMPLE");
    const other = signature.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    expect(await answerTo(sentWith(other), SUITE, key)).toBe("400 InvalidSignatureException");
  });
});

describe("the examples of S3's documentation", () => {
  const AT = Date.parse("2013-05-24T00:00:00Z");
  const key: AccessKey = {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    now: () => AT,
  };
  const host = "examplebucket.s3.amazonaws.com";

  it("an object is read with headers", async () => {
    const headers = {
      host,
      range: "bytes=0-9",
      "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "x-amz-date": "20130524T000000Z",
      authorization:
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    };
    expect(await answerTo(request({ target: "/test.txt", headers }), S3, key)).toBe(key.accessKeyId);
    expect(await answerTo(request({ target: "/test.tx", headers }), S3, key)).toBe(
      "403 SignatureDoesNotMatch",
    );
  });

  const link = (more: Readonly<Record<string, string>> = {}) => {
    const parameters = {
      "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
      "X-Amz-Credential": "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request",
      "X-Amz-Date": "20130524T000000Z",
      "X-Amz-Expires": "86400",
      "X-Amz-SignedHeaders": "host",
      "X-Amz-Signature": "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
      ...more,
    };
    return request({ target: `/test.txt?${new URLSearchParams(parameters).toString()}`, headers: { host } });
  };

  it("an object is read with a link, until the link expires", async () => {
    expect(await answerTo(link(), S3, key)).toBe(key.accessKeyId);
    expect(await answerTo(link(), S3, key, () => AT + 86_400_000)).toBe(key.accessKeyId);
    expect(await answerTo(link(), S3, key, () => AT + 86_400_001)).toBe("403 AccessDenied");
    expect(await answerTo(link(), S3, key, () => AT - 300_001)).toBe("403 AccessDenied");
  });

  it.each([
    [{ "X-Amz-Expires": "604801" }, "400 AuthorizationQueryParametersError"],
    [{ "X-Amz-Expires": "0" }, "400 AuthorizationQueryParametersError"],
    [{ "X-Amz-Expires": "1e3" }, "400 AuthorizationQueryParametersError"],
    [{ "X-Amz-Expires": "86401" }, "403 SignatureDoesNotMatch"],
    [{ "X-Amz-Algorithm": "AWS4-HMAC-SHA1" }, "400 AuthorizationQueryParametersError"],
    [{ versionId: "1" }, "403 SignatureDoesNotMatch"],
  ])("a link with %o is rejected", async (more, refusal) => {
    expect(await answerTo(link(more), S3, key)).toBe(refusal);
  });
});

describe("a request that is signed differently from what its service expects", () => {
  const AT = Date.parse("2026-03-02T08:00:00Z");
  const key: AccessKey = {
    accessKeyId: "ASIAEXAMPLE",
    secretAccessKey: "s3cret",
    sessionToken: "a-session",
    now: () => AT,
  };
  interface Deviation {
    readonly service?: string;
    readonly region?: string;
    readonly secret?: string;
    readonly token?: string | undefined;
    readonly at?: number;
    /** What happens to the request after it was signed. */
    readonly then?: (sent: LocalRequest) => Partial<LocalRequest>;
  }
  const sent = async (
    service: SigningService,
    { secret = key.secretAccessKey, at = AT, then = () => ({}), ...deviation }: Deviation = {},
  ): Promise<LocalRequest> => {
    const sessionToken = "token" in deviation ? deviation.token : key.sessionToken;
    const body = "{}";
    const hash = {
      "x-amz-content-sha256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    };
    const headers = { host: "localhost:1", ...(service.style === "s3" && hash) };
    const added = await sign(
      { method: "POST", url: new URL("http://localhost:1/a/b?c=d"), headers, body },
      {
        credentials: {
          accessKeyId: key.accessKeyId,
          secretAccessKey: secret,
          ...(sessionToken !== undefined && { sessionToken }),
        },
        region: deviation.region ?? REGION,
        service: deviation.service ?? service.name,
        now: new Date(at),
      },
    );
    const whole = request({
      method: "POST",
      target: "/a/b?c=d",
      headers: { ...headers, ...added },
      body: Buffer.from(body),
    });
    return { ...whole, ...then(whole) };
  };
  const withHeaders =
    (
      change: (
        headers: Readonly<Record<string, string | undefined>>,
      ) => Readonly<Record<string, string | undefined>>,
    ) =>
    ({ headers }: LocalRequest) => ({
      headers: Object.fromEntries(
        Object.entries({ ...headers, ...change(headers) }).filter(([, value]) => value !== undefined),
      ),
    });

  it.each([SQS, LAMBDA, FUNCTION_URL])(
    "is recognised when it is signed as $name expects",
    async (service) => {
      expect(await answerTo(await sent(service), service, key)).toBe("ASIAEXAMPLE");
    },
  );

  it.each<readonly [what: string, deviation: Deviation, json: string]>([
    ["for another service", { service: "secretsmanager" }, "InvalidSignatureException"],
    ["for another Region", { region: "eu-west-1" }, "InvalidSignatureException"],
    ["with another secret", { secret: "other" }, "InvalidSignatureException"],
    ["five minutes ago", { at: AT - 301_000 }, "InvalidSignatureException"],
    ["five minutes ahead", { at: AT + 301_000 }, "InvalidSignatureException"],
    ["without its token", { token: undefined }, "UnrecognizedClientException"],
    ["with another's token", { token: "another" }, "UnrecognizedClientException"],
    ["for another method", { then: () => ({ method: "PUT" }) }, "InvalidSignatureException"],
    ["for another path", { then: () => ({ target: "/a/c?c=d" }) }, "InvalidSignatureException"],
    ["for another query", { then: () => ({ target: "/a/b?c=e" }) }, "InvalidSignatureException"],
    ["for another body", { then: () => ({ body: Buffer.from("[]") }) }, "InvalidSignatureException"],
    ["for another host", { then: withHeaders(() => ({ host: "localhost:2" })) }, "InvalidSignatureException"],
    [
      "without a header of AWS that it carries",
      { then: withHeaders(() => ({ "x-amz-target": "AmazonSQS.SendMessage" })) },
      "InvalidSignatureException",
    ],
    [
      "of a hash that is not its body's",
      { then: withHeaders(() => ({ "x-amz-content-sha256": "0" })) },
      "InvalidSignatureException",
    ],
    [
      "in another day's scope",
      {
        then: withHeaders(({ authorization }) => ({
          authorization: authorization?.replace("20260302", "20260301"),
        })),
      },
      "InvalidSignatureException",
    ],
    [
      "by nobody",
      { then: withHeaders(() => ({ authorization: undefined })) },
      "MissingAuthenticationTokenException",
    ],
    [
      "by another algorithm",
      {
        then: withHeaders(({ authorization }) => ({
          authorization: authorization?.replace("SHA256", "SHA1"),
        })),
      },
      "IncompleteSignatureException",
    ],
    [
      "in half",
      {
        then: withHeaders(({ authorization }) => ({
          authorization: authorization?.replace(/, Signature=.*/, ""),
        })),
      },
      "IncompleteSignatureException",
    ],
    [
      "without a time",
      { then: withHeaders(() => ({ "x-amz-date": undefined })) },
      "IncompleteSignatureException",
    ],
    [
      "by a key that is nobody's",
      {
        then: withHeaders(({ authorization }) => ({
          authorization: authorization?.replace("ASIAEXAMPLE", "AKIA0"),
        })),
      },
      "UnrecognizedClientException",
    ],
  ])("%s, is rejected by services of JSON and REST", async (_what, deviation, code) => {
    expect(await answerTo(await sent(SQS, deviation), SQS, key)).toBe(`400 ${code}`);
    expect(await answerTo(await sent(LAMBDA, deviation), LAMBDA, key)).toBe(`403 ${code}`);
  });

  it.each<readonly [what: string, deviation: Deviation, refusal: string]>([
    ["for another service", { service: "dynamodb" }, "400 AuthorizationHeaderMalformed"],
    ["with another secret", { secret: "other" }, "403 SignatureDoesNotMatch"],
    ["five minutes ago", { at: AT - 301_000 }, "403 RequestTimeTooSkewed"],
    ["without its token", { token: undefined }, "403 InvalidAccessKeyId"],
    ["with another's token", { token: "another" }, "400 InvalidToken"],
    ["of another body", { then: () => ({ body: Buffer.from("[]") }) }, "400 XAmzContentSHA256Mismatch"],
    [
      "without the hash of its body",
      { then: withHeaders(() => ({ "x-amz-content-sha256": undefined })) },
      "400 InvalidRequest",
    ],
    [
      "without a header of AWS that it carries",
      { then: withHeaders(() => ({ "x-amz-acl": "public-read" })) },
      "403 AccessDenied",
    ],
    ["by nobody", { then: withHeaders(() => ({ authorization: undefined })) }, "403 AccessDenied"],
    ["twice", { then: () => ({ target: "/a/b?c=d&X-Amz-Signature=0" }) }, "400 InvalidArgument"],
  ])("%s, is rejected by S3", async (_what, deviation, refusal) => {
    expect(await answerTo(await sent(S3, deviation), S3, key)).toBe(refusal);
  });

  it("is rejected when its credentials have expired", async () => {
    const ended = { ...key, expiresAt: AT };
    expect(await answerTo(await sent(SQS), SQS, ended)).toBe("400 ExpiredTokenException");
    expect(await answerTo(await sent(S3), S3, ended)).toBe("400 ExpiredToken");
    expect(await answerTo(await sent(SQS), SQS, { ...key, expiresAt: AT + 1 })).toBe("ASIAEXAMPLE");
  });

  it("may be sent up to five minutes from its time", async () => {
    for (const at of [AT - 300_000, AT + 300_000])
      expect(await answerTo(await sent(SQS, { at }), SQS, key)).toBe("ASIAEXAMPLE");
  });
});
