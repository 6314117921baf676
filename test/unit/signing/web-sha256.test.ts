import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WebSha256 } from "#client/signing/web-sha256.ts";
import { authorizeInBrowser } from "#client/signing/authorize-in-browser.ts";
import { sign } from "#client/signing/sign.ts";
import { Sha256 } from "#node/sha256.ts";
import { runs } from "../../support/runs.ts";

const bytes = fc.oneof(fc.string(), fc.uint8Array());

describe("SHA-256 by Web Crypto", () => {
  it("is that of Node, with a key and without, for any parts", async () => {
    const digests = async (
      hash: typeof Sha256 | typeof WebSha256,
      key: string | Uint8Array | undefined,
      parts: readonly (string | Uint8Array)[],
    ) => {
      const made = new hash(key);
      for (const part of parts) made.update(part);
      return Buffer.from(await made.digest()).toString("hex");
    };
    await fc.assert(
      fc.asyncProperty(fc.option(bytes, { nil: undefined }), fc.array(bytes), async (key, parts) => {
        // Web Crypto takes no empty key, and nothing is signed with one.
        fc.pre(key === undefined || key.length > 0);
        expect(await digests(WebSha256, key, parts)).toBe(await digests(Sha256, key, parts));
      }),
      { numRuns: runs(50) },
    );
  });

  it("forgets what it was told before", async () => {
    const hash = new WebSha256();
    hash.update("something");
    hash.reset();
    expect(await hash.digest()).toEqual(await new WebSha256().digest());
  });
});

describe("a request signed in a browser", () => {
  it("has the signature that Node would make at that moment", async () => {
    const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: "token" };
    const url = new URL("https://spine.example/sessions/s%201/events?after=3");
    const request = { method: "POST", url, headers: { "x-amz-x": "1" }, body: '{"text":"Grüße"}' };
    const signed = await authorizeInBrowser(credentials, "eu-west-1", "lambda")(request);
    const [, y = "", mo = "", d = "", h = "", mi = "", s = ""] =
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(signed["x-amz-date"] ?? "") ?? [];
    const now = new Date(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
    expect(signed).toEqual(await sign(request, { credentials, region: "eu-west-1", service: "lambda", now }));
  });
});
