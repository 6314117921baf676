import type { App } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import type { SpineAgentOptions } from "../../infra/constructs/spine-agent.ts";
import { newSpine, SPINE, templateOf } from "./fixture.ts";
import { all } from "./resources.ts";

const [name = "", entry = {}] = Object.entries(SPINE.agents ?? {})[0] ?? [];

/** What the mappings of the first agent's lanes are bounded by. */
function lanesWith(options: Partial<SpineAgentOptions>): readonly unknown[] {
  const { stack } = newSpine({ agents: { ...SPINE.agents, [name]: { ...entry, ...options } } });
  // The root of a construct tree is its app.
  const template = templateOf(stack.node.root as App, "Test");
  return all(template, "AWS::Lambda::EventSourceMapping").flatMap(
    ({ EventSourceArn, ScalingConfig, ProvisionedPollerConfig }) => {
      const queue = /:sqs:.*:(.+)\.fifo$/.exec(String(EventSourceArn))?.[1] ?? "";
      const isLane = [`spine-agent-${name}`, `spine-agent-${name}-express`].includes(queue);
      return isLane ? [{ ScalingConfig, ProvisionedPollerConfig }] : [];
    },
  );
}

describe("an agent's provisioned pollers", () => {
  test("take the place of the mapping's bound, in both lanes", () => {
    const lanes = (least: number, most: number) =>
      Array.from({ length: 2 }, () => ({
        ScalingConfig: undefined,
        ProvisionedPollerConfig: { MinimumPollers: least, MaximumPollers: most },
      }));
    expect(lanesWith({ provisionedPollers: {} })).toEqual(lanes(2, 5));
    expect(lanesWith({ provisionedPollers: { minimum: 8 } })).toEqual(lanes(8, 8));
    expect(lanesWith({ provisionedPollers: { minimum: 2, maximum: 40 } })).toEqual(lanes(2, 40));
  });

  test("are none by default: the bound stays", () => {
    const lane = { ScalingConfig: { MaximumConcurrency: 50 }, ProvisionedPollerConfig: undefined };
    expect(lanesWith({})).toEqual([lane, lane]);
  });

  test("are rejected where Lambda would reject them, with what to write instead", () => {
    const given =
      (provisionedPollers: SpineAgentOptions["provisionedPollers"], more = {}) =>
      () =>
        lanesWith({ ...(provisionedPollers !== undefined && { provisionedPollers }), ...more });
    const field = `${name}.provisionedPollers`;
    expect(given({ minimum: 1 })).toThrow(`${field}.minimum is 1. Give a whole number from 2 to 200.`);
    expect(given({ minimum: 201, maximum: 2_001 })).toThrow(
      `${field}.minimum is 201. Give a whole number from 2 to 200.\n${field}.maximum is 2001. Give a whole number from 2 to 2000.`,
    );
    expect(given({ minimum: 4, maximum: 3 })).toThrow(
      `${field} has a minimum of 4, above its maximum of 3. Raise the maximum or lower the minimum.`,
    );
    expect(given({}, { maxConcurrency: 20 })).toThrow(
      `${field} stands beside maxConcurrency, which Lambda refuses in provisioned mode. Leave maxConcurrency out`,
    );
  });
});
