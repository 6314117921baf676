import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import type { LocalCloud } from "#local/cloud.ts";
import { synthesize } from "#local/synth.ts";
import { SCENARIOS } from "../../scripts/verify-deployed/scenarios.ts";
import { runScript } from "../support/run-script.ts";
import { startCloud } from "./fixture/assembly.ts";

const LISTENED = fileURLToPath(new URL("fixture/listened/", import.meta.url));

describe("npm run verify:deployed, on a local deployment", () => {
  let cloud: LocalCloud;
  beforeAll(async () => {
    const { templateDir } = await synthesize({ app: `${LISTENED}app.ts`, sources: [LISTENED] });
    cloud = await startCloud({ templateDir });
  }, 240_000);

  const verify = (...more: readonly string[]) =>
    runScript(
      "verify-deployed.ts",
      [
        ...["--region", "us-east-1", "--ingress", cloud.functionUrls.get("spine-ingress") ?? ""],
        ...["--listener", `${cloud.environment["AWS_ENDPOINT_URL_SQS"]}/000000000000/listener`],
        ...more,
      ],
      { env: cloud.environment },
    );

  it("passes every scenario", { timeout: 240_000 }, async () => {
    const { status, stdout, stderr } = await verify();
    expect(stderr).toBe("");
    expect(stdout.match(/^ok .*/gm)).toHaveLength(SCENARIOS.length);
    expect(stdout).toContain(`${SCENARIOS.length} of ${SCENARIOS.length} passed.`);
    expect(status).toBe(0);
  });
});
