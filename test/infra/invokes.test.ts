import type { App } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { newSpine, SPINE, templateOf } from "./fixture.ts";
import { rightsOf } from "./rights.ts";

const ARN = "arn:aws:lambda:eu-west-1:111122223333:function:scoring:live";
const [[name, first] = ["", {}], ...others] = Object.entries(SPINE.agents ?? {});

const rightsWith = (invokes: readonly string[]) => {
  const agents = { ...Object.fromEntries(others), [name]: { ...first, invokes } };
  return rightsOf(templateOf(newSpine({ agents }).stack.node.root as App, "Test"));
};

describe("an agent that calls a function of its own", () => {
  test("may call that one, by the very name, and no other agent may", () => {
    const rights = rightsWith([ARN]);
    const may = Object.entries(rights).filter(([, lines]) => lines.join().includes("scoring"));
    expect(may.map(([one]) => one)).toEqual([`spine-agent-${name}`]);
    const invoked = rights[`spine-agent-${name}`]?.filter((line) => line.startsWith("lambda:InvokeFunction"));
    expect(invoked).toEqual(expect.arrayContaining([expect.stringContaining("function:scoring:live")]));
    expect(invoked).toHaveLength(2);
  });

  test("may not be given more functions than it names", () => {
    const all = "arn:aws:lambda:eu-west-1:111122223333:function:*";
    expect(() => rightsWith([all])).toThrow("names more than one function");
  });
});
