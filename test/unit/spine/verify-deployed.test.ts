import { describe, expect, it } from "vitest";
import { runScenarios } from "../../../scripts/verify-deployed/run-scenarios.ts";
import type { Scenario, VerifiedSpine } from "../../../scripts/verify-deployed/verified-spine.ts";
import { runScript } from "../../support/run-script.ts";

/** Of these scenarios none asks it anything. */
const NO_SPINE = {} as VerifiedSpine;
const holds: Scenario = { name: "holds", run: () => Promise.resolve() };
const breaks: Scenario = { name: "breaks", run: () => Promise.reject(new Error("it is shut")) };

describe("scenarios on a deployed spine", () => {
  it("all run, whatever the result of earlier ones, and failures are counted", async () => {
    const lines: string[] = [];
    expect(await runScenarios(NO_SPINE, [breaks, holds], (line) => void lines.push(line))).toBe(1);
    expect(lines[0]).toBe("FAILED  breaks: it is shut");
    expect(lines[1]).toMatch(/^ok {6}holds \(\d+ ms\)$/);
    expect(lines[2]).toBe("1 of 2 passed.");
  });
});

describe("npm run verify:deployed", () => {
  const NOBODY = {
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_PROFILE: undefined,
    AWS_CONFIG_FILE: "/nonexistent",
    AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_REGION: undefined,
  };

  it("prints its requirements when it finds no Region or no credentials, and exits with 1", async () => {
    const region = await runScript("verify-deployed.ts", [], { env: NOBODY });
    expect(region).toMatchObject({ status: 1, stdout: "" });
    expect(region.stderr).toMatch(/no Region is set[\s\S]*It needs a deployed spine/);
    const nobody = await runScript("verify-deployed.ts", ["--region", "eu-west-1"], { env: NOBODY });
    expect(nobody).toMatchObject({ status: 1, stdout: "" });
    expect(nobody.stderr).toMatch(/No AWS credentials were found[\s\S]*It needs a deployed spine/);
  });

  it("exits with 2 at an unknown argument", async () => {
    const { status, stderr } = await runScript("verify-deployed.ts", ["--spine", "x"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/--spine/);
  });
});
