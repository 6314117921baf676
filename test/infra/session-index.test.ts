import type { App } from "aws-cdk-lib";
import { expect, test } from "vitest";
import { newSpine, templateOf } from "./fixture.ts";
import { all } from "./resources.ts";
import { rightsOf } from "./rights.ts";

// The root of a construct tree is its app.
const templateWith = (props: Parameters<typeof newSpine>[0] = {}) =>
  templateOf(newSpine(props).stack.node.root as App, "Test");

/** The tables that have lists of sessions by their state. */
const listsIn = (template: ReturnType<typeof templateWith>) =>
  all(template, "AWS::DynamoDB::Table").filter(({ GlobalSecondaryIndexes }) =>
    JSON.stringify(GlobalSecondaryIndexes ?? []).includes("state"),
  );

test("sessions are listed in a table of its own, unless a deployment does without", () => {
  expect(listsIn(templateWith())).toHaveLength(1);
  const without = templateWith({ sessionIndex: false });
  expect(listsIn(without)).toEqual([]);
  expect(JSON.stringify(without)).not.toContain("SessionIndex");
});

test("without the list, no function has a right on its table", () => {
  const tablesOf = (template: ReturnType<typeof templateWith>) =>
    Object.values(rightsOf(template))
      .flat()
      .filter((right) => /dynamodb:.*index/i.test(right));
  expect(tablesOf(templateWith()).length).toBeGreaterThan(0);
  expect(tablesOf(templateWith({ sessionIndex: false }))).toEqual([]);
});
