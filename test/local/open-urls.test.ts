import { beforeAll, describe, expect, it } from "vitest";
import type { LocalCloud } from "#local/cloud.ts";
import { functionResources, getAtt, openTo, startCloud, writeAssembly } from "./fixture/assembly.ts";

const ECHO = 'export const handler = () => Promise.resolve({ statusCode: 200, body: "open" });';
const urlOf = (id: string) => ({
  [`${id}Url`]: { Type: "AWS::Lambda::Url", Properties: { TargetFunctionArn: getAtt(id), AuthType: "NONE" } },
});
/** Only the right to the URL: since October 2025 Lambda wants the other one as well. */
const [half] = Object.entries(openTo("half"));

describe("a URL of the local runtime that takes requests without a signature", () => {
  let cloud: LocalCloud;
  beforeAll(async () => {
    const resources = {
      ...functionResources("open", []),
      ...functionResources("half", []),
      ...functionResources("closed", []),
      ...urlOf("open"),
      ...urlOf("half"),
      ...urlOf("closed"),
      ...openTo("open"),
      ...Object.fromEntries(half === undefined ? [] : [half]),
    };
    const templateDir = writeAssembly(resources, { open: ECHO, half: ECHO, closed: ECHO });
    cloud = await startCloud({ templateDir });
  });

  it.each([
    ["open", 200],
    ["half", 403],
    ["closed", 403],
  ])("calls its function only where the function's policy lets everyone: %s, %d", async (name, status) => {
    const response = await fetch(cloud.functionUrls.get(name) ?? "");
    expect(response.status).toBe(status);
    if (status === 200) expect(await response.text()).toBe("open");
  });
});
