import type { App } from "aws-cdk-lib";
import { Duration } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { newSpine, templateOf, type TemplateJson } from "./fixture.ts";
import { within } from "./promises.ts";
import { rightsOf } from "./rights.ts";

const { stack } = newSpine({
  personal: { "*": ["input.email"] },
  retention: { "*": Duration.days(90) },
  quotas: { default: { perSecond: 1 } },
});
// The root of a construct tree is its app.
const template = templateOf(stack.node.root as App, "Test");

/** Rights to write into the table that name no partition, and rights to store anything in the bucket, with whose they are. */
const wideRights = (given: TemplateJson): readonly string[] =>
  Object.entries(rightsOf(given)).flatMap(([name, rights]) =>
    rights
      .filter(
        (right) =>
          /^dynamodb:(?:Batch\w+|Put\w+|Update\w+|Delete\w+|Transact\w+|\*) (?!.*LeadingKeys)/.test(right) ||
          /^s3:(?:Put\w+|Delete\w+|\*) bucket\.Arn(?:\/\*)?$/.test(right) ||
          /^s3:\w*Version/.test(right),
      )
      .map((right) => `${name} ${right}`),
  );

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** The template with every statement changed. */
function withStatements(change: (statement: Statement) => Statement): TemplateJson {
  const resources = Object.entries(template.Resources).map(([id, resource]) => {
    if (resource.Type !== "AWS::IAM::Policy") return [id, resource] as const;
    const document = resource.Properties?.["PolicyDocument"] as { readonly Statement: readonly Statement[] };
    const PolicyDocument = { ...document, Statement: document.Statement.map(change) };
    return [id, { ...resource, Properties: { ...resource.Properties, PolicyDocument } }] as const;
  });
  return { ...template, Resources: Object.fromEntries(resources) };
}

describe("rights to the spine's stores", () => {
  test("write named partitions of the table and named prefixes of the bucket only", () => {
    expect(wideRights(template)).toEqual([]);
  });

  test("are found wide where a condition or a prefix is taken away", () => {
    const unconditioned = withStatements(({ Condition: _, ...statement }) => statement);
    const wide = wideRights(unconditioned).map((right) => right.split(" ").slice(0, 2).join(" "));
    expect(wide).toEqual(
      expect.arrayContaining([
        "spine-door dynamodb:BatchWriteItem",
        "spine-door dynamodb:UpdateItem",
        "spine-door dynamodb:PutItem",
        "spine-recovery dynamodb:PutItem",
        "spine-relay dynamodb:PutItem",
        "spine-retention dynamodb:BatchWriteItem",
        "spine-retention dynamodb:DeleteItem",
      ]),
    );
    const everywhere = { "Fn::Join": ["", [{ "Fn::GetAtt": ["SpineBlobsBucketBEC1DD83", "Arn"] }, "/*"]] };
    const unprefixed = withStatements((statement) =>
      statement.Action === "s3:PutObject" ? { ...statement, Resource: everywhere } : statement,
    );
    expect(wideRights(unprefixed)).toContain("spine-door s3:PutObject bucket.Arn/*");
  });

  test("let the door note when agents were heard of, and nobody else", () => {
    const noting = Object.entries(rightsOf(template)).flatMap(([name, rights]) =>
      rights.filter((right) => right.includes("#beat/")).map((right) => `${name} ${right}`),
    );
    expect(noting).toEqual([`spine-door dynamodb:PutItem ${within({ like: ["#beat/*"] })}`]);
  });

  test("let who counts quotas count nothing else, and nobody count them where there are none", () => {
    const counting = (rights: readonly string[] | undefined) =>
      rights?.filter((right) => right.includes("#quota/"));
    const right = (action: string) => `dynamodb:${action} ${within({ like: ["#quota/*"] })}`;
    // The ingress may read anything of the table.
    const rights = {
      "spine-ingress": [right("UpdateItem")],
      "spine-intake": [right("GetItem"), right("UpdateItem")],
    };
    const without = templateOf(newSpine().stack.node.root as App, "Test");
    for (const [name, own] of Object.entries(rights)) {
      expect(counting(rightsOf(template)[name])).toEqual(own);
      expect(counting(rightsOf(without)[name])).toEqual([]);
    }
  });
});
