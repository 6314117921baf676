import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { createDefaultS3Blobs as createS3Blobs } from "#aws/s3/s3-blobs.ts";
import { buildFunction } from "../../infra/bundling/build-function.ts";
import { pathOf } from "../../infra/stacks/customer-care-stack.ts";

/** Writes a function's code as its asset has it, and imports one of its files. */
async function load(entry: string, file: string): Promise<Readonly<Record<string, unknown>>> {
  const folder = mkdtempSync(join(tmpdir(), "spine-function-"));
  const { files } = buildFunction(pathOf(`functions/${entry}/handler.ts`));
  for (const { path, contents } of files) writeFileSync(join(folder, path), contents);
  return import(pathToFileURL(join(folder, file)).href);
}

beforeAll(() => {
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "none");
  vi.stubEnv("QUEUE_PREFIX", "https://sqs.eu-west-1.amazonaws.com/111122223333/spine-");
  vi.stubEnv("DOOR_FUNCTION", "spine-door");
});
afterAll(() => vi.unstubAllEnvs());

describe("a function's code", () => {
  test("loads and exports the handler for Lambda", async () => {
    expect(typeof (await load("agents/recommendation", "index.mjs"))["handler"]).toBe("function");
  });

  test("includes the S3 client in a file of its own, which signs links", async () => {
    const { createDefaultS3Blobs } = await load("coordinator", "s3-blobs.mjs");
    // The file is the bundle of shared/aws/s3/s3-blobs.ts.
    const make = createDefaultS3Blobs as typeof createS3Blobs;
    const link = new URL(await make("blobs").link("a/b", 60_000));
    expect(link.origin + link.pathname).toBe("https://blobs.s3.eu-west-1.amazonaws.com/a/b");
    expect(link.searchParams.get("X-Amz-Credential")).toMatch(/^AKIDEXAMPLE\//);
  });

  test("contains the application as data, and its code only where a schema needs it", () => {
    const inputs = (application: string) =>
      buildFunction(pathOf("functions/door/handler.ts"), pathOf(application)).initInputs;
    const refined = "test/infra/applications/refined.ts";
    expect(inputs(refined)).toContain(refined);
    const slow = "test/infra/applications/slow.ts";
    expect(inputs(slow)).not.toContain(slow);
    expect(inputs(slow).filter((path) => path.includes("zod/v4/classic"))).toEqual([]);
  });

  test("contains only the on-demand files that it may load", () => {
    const named = (entry: string) =>
      buildFunction(pathOf(`functions/${entry}/handler.ts`)).files.map(({ path }) => path);
    expect(named("coordinator")).toContain("s3-blobs.mjs");
    expect(named("coordinator")).not.toContain("bedrock-model.mjs");
    expect(named("agents/reply")).toContain("bedrock-model.mjs");
    expect(named("agents/reply")).not.toContain("s3-blobs.mjs");
  });
});
