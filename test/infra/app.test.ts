import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { CALLERS_FILE } from "#aws/lambda/callers.ts";
import type { EventSpineProps } from "../../infra/constructs/event-spine-props.ts";
import { EventSpine } from "../../infra/constructs/event-spine.ts";
import { pathOf } from "../../infra/stacks/customer-care-stack.ts";
import { KEPT_BUILDS } from "../../infra/bundling/kept-builds.ts";
import { deployments } from "../../infra/deployments.ts";
import { addStacks } from "../../infra/stacks/spine-app.ts";
import { newApp, SPINE, templatesOf, type TemplateJson } from "./fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "spine-app-"));

function bundled(props: Partial<EventSpineProps>): TemplateJson {
  const app = newApp({ bundle: true });
  new EventSpine(new Stack(app, "Test"), "Spine", { ...SPINE, ...props });
  const { Test } = templatesOf(app);
  if (Test === undefined) throw new Error("The stack was not synthesized.");
  return Test;
}

const codeOf = (template: TemplateJson): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.values(template.Resources).flatMap(({ Type, Properties }) =>
      Type === "AWS::Lambda::Function"
        ? [[String(Properties?.["FunctionName"]), JSON.stringify(Properties?.["Code"])]]
        : [],
    ),
  );

describe("the app", () => {
  // What is compared here is built anew each time, as for a deployment.
  beforeAll(() => void vi.stubEnv(KEPT_BUILDS, undefined));
  afterAll(() => void vi.unstubAllEnvs());

  test(
    "synthesizes without the CLI, an account or a network, and passes CloudFormation's rules",
    { timeout: 240_000 },
    () => {
      const { PATH, HOME } = process.env;
      const { status, stderr } = spawnSync("node", [pathOf("infra/app.ts")], {
        env: { PATH, HOME, CDK_OUTDIR: folder },
        encoding: "utf8",
      });
      expect(stderr).not.toMatch(/ERROR|WARNING/);
      expect(status).toBe(0);
      expect(readdirSync(folder)).toEqual(
        expect.arrayContaining(["spine-customer-care.template.json", "spine-recommendation.template.json"]),
      );
    },
  );

  test(
    "produces the same template and the same bundles in another process and another folder",
    { timeout: 240_000 },
    () => {
      const app = newApp({ bundle: true });
      for (const deployment of deployments) addStacks(app, deployment);
      for (const [stack, template] of Object.entries(templatesOf(app))) {
        expect(template).toEqual(JSON.parse(readFileSync(join(folder, `${stack}.template.json`), "utf8")));
      }
    },
  );

  test("bundles each function as one folder without source maps or machine paths", () => {
    const assets = readdirSync(folder).filter((name) => name.startsWith("asset."));
    const templates = readdirSync(folder)
      .filter((name) => name.endsWith(".template.json"))
      // Written by CDK.
      .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as TemplateJson);
    const codes = new Set(templates.flatMap((template) => Object.values(codeOf(template))));
    expect(assets).toHaveLength(codes.size);
    expect(codes.size).toBeGreaterThan(10);
    let withCallers = 0;
    for (const asset of assets) {
      const files = readdirSync(join(folder, asset));
      expect(files).toContain("index.mjs");
      const others = files.filter((file) => !file.endsWith(".mjs"));
      expect(others).toEqual(others.length === 0 ? [] : [CALLERS_FILE]);
      if (others.length > 0) withCallers += 1;
      for (const file of files) {
        expect(readFileSync(join(folder, asset, file), "utf8").includes(pathOf(""))).toBe(false);
      }
    }
    // Ingress, intake and the functions for operators and for streams let callers in.
    expect(withCallers).toBe(4);
  });
});

describe("an app whose shape alone is requested, as by `cdk ls`", () => {
  test("leaves no asset behind, and no code that could be deployed", () => {
    const app = newApp();
    addStacks(app, { prefix: "spine" });
    const { directory } = app.synth();
    expect(readdirSync(directory).filter((name) => name.startsWith("asset."))).toEqual([]);
    for (const name of ["spine-customer-care", "spine-recommendation"]) {
      const { files } = JSON.parse(readFileSync(join(directory, `${name}.assets.json`), "utf8")) as {
        readonly files: Readonly<Record<string, { readonly source: { readonly packaging: string } }>>;
      };
      // The template itself is a file that a deployment would publish.
      expect(Object.values(files).map(({ source }) => source.packaging)).toEqual(["file"]);
      expect(readFileSync(join(directory, `${name}.template.json`), "utf8")).toContain("code-is-left-out");
    }
  });
});

describe("an additional agent", () => {
  const { recommendation: _, ...others } = SPINE.agents ?? {};
  const before = bundled({ agents: others, agentsElsewhere: ["recommendation"] });
  const after = bundled({});

  test("changes nothing in the existing template except the dashboard, which shows it: no function, no right, no bundle", () => {
    for (const [id, resource] of Object.entries(before.Resources))
      if (resource.Type !== "AWS::CloudWatch::Dashboard") expect(after.Resources[id]).toEqual(resource);
    const added = Object.keys(after.Resources).filter((id) => !(id in before.Resources));
    expect(added.every((id) => id.includes("Agentrecommendation"))).toBe(true);
    expect(added).toHaveLength(19);
  });

  test("is not in the bundles of agents and recovery, nor is any flow: another application does not change their code", () => {
    const other = bundled({
      application: pathOf("test/infra/applications/slow.ts"),
      agents: { slow: { entry: pathOf("functions/agents/inquiry/handler.ts") } },
    });
    expect(codeOf(other)["spine-agent-slow"]).toBe(codeOf(after)["spine-agent-inquiry"]);
    expect(codeOf(other)["spine-recovery"]).toBe(codeOf(after)["spine-recovery"]);
    // Those that decide do carry the flows.
    expect(codeOf(other)["spine-door"]).not.toBe(codeOf(after)["spine-door"]);
  });
});
