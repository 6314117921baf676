import { ArnFormat, Duration, type App } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import { describe, expect, test } from "vitest";
import { newSpine, templateOf, type TemplateJson } from "./fixture.ts";
import { readable } from "./intrinsics.ts";
import { within } from "./promises.ts";
import { all } from "./resources.ts";
import { rightsOf } from "./rights.ts";

const { stack } = newSpine({
  personal: { "*": ["input.email"] },
  retention: { "*": Duration.days(90) },
  quotas: { "*": { perSecond: 1 } },
});
// The root of a construct tree is its app.
const template = templateOf(stack.node.root as App, "Test");

/** Rights to write into the log that name no partition (the list of sessions is a table of its own), and rights to store anything in the bucket, with whose they are. */
const wideRights = (given: TemplateJson): readonly string[] =>
  Object.entries(rightsOf(given)).flatMap(([name, rights]) =>
    rights
      .filter(
        (right) =>
          /^dynamodb:(?:Batch\w+|Put\w+|Update\w+|Delete\w+|Transact\w+|\*) (?!sessions\.Arn$)(?!.*LeadingKeys)/.test(
            right,
          ) ||
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

/** Functions that queues or streams feed, by what names them in a policy. */
const fedIn = (given: TemplateJson): ReadonlySet<string> =>
  new Set(
    all(given, "AWS::Lambda::EventSourceMapping").map(({ FunctionName }) =>
      String(FunctionName).replace(/^.*function:/, ""),
    ),
  );

/** Every right to invoke a function directly, of whatever policy: with the functions that it reaches. */
const invocations = (given: TemplateJson): readonly { readonly whose: string; readonly reaches: string }[] =>
  Object.entries(given.Resources).flatMap(([id, { Type, Properties }]) => {
    if (Type === "AWS::Lambda::Permission") {
      const right = readable(given, Properties) as Readonly<Record<string, unknown>>;
      const isDirect =
        right["Action"] !== "lambda:InvokeFunctionUrl" && right["InvokedViaFunctionUrl"] !== true;
      return isDirect ? [{ whose: id, reaches: String(right["FunctionName"]) }] : [];
    }
    if (Type !== "AWS::IAM::Policy" && Type !== "AWS::IAM::ManagedPolicy") return [];
    const policy = readable(given, Properties) as {
      readonly PolicyDocument: { readonly Statement: readonly Statement[] };
    };
    return policy.PolicyDocument.Statement.flatMap(({ Action, Resource, Condition }) => {
      const actions = [Action].flat();
      const isDirect = actions.some((action) =>
        /^(?:\*|lambda:(?:\*|Invoke(?:\*|Function\*?|Async)))$/.test(action),
      );
      const viaUrl = JSON.stringify(Condition ?? {}).includes("lambda:InvokedViaFunctionUrl");
      return isDirect && !viaUrl ? [Resource].flat().map((one) => ({ whose: id, reaches: String(one) })) : [];
    });
  });

/** Rights to invoke a function that is fed: who has one could hand it records that no queue has held. */
const toFed = (given: TemplateJson): readonly string[] => {
  const fed = [...fedIn(given)];
  return invocations(given)
    .filter(({ reaches }) => {
      const name = reaches.replace(/^.*function:/, "").replace(/:\*$/, "");
      return name.includes("*") || fed.some((one) => one === name);
    })
    .map(({ whose, reaches }) => `${whose} ${reaches}`);
};

describe("rights to invoke functions", () => {
  test("cover no function that a queue or a stream feeds, for any principal", () => {
    expect(fedIn(template)).toContain("spine-recovery");
    expect(fedIn(template)).toContain("spine-coordinator");
    expect(
      invocations(template)
        .map(({ reaches }) => reaches)
        .join(),
    ).toContain("spine-operator");
    expect(toFed(template)).toEqual([]);
  });

  test("cover the operator function and retention only for the stack's own callers", () => {
    const { stack, spine } = newSpine({ retention: { "*": Duration.days(90) } });
    const role = new iam.Role(stack, "Person", { assumedBy: new iam.AccountRootPrincipal() });
    spine.grantOperate(role);
    spine.grantErase(role);
    const granted = templateOf(stack.node.root as App, "Test");
    const whose = invocations(granted).flatMap(({ whose, reaches }) =>
      /spine-(?:operator|retention)|Operator|Retention/.test(reaches) ? [whose] : [],
    );
    expect(whose.map((id) => id.replace(/[0-9A-F]{8}$/, "")).toSorted()).toEqual([
      expect.stringMatching(/^SpineRecoveryWatch.*Policy$/),
      expect.stringMatching(/^SpineRetentionSchedule/),
    ]);
  });

  test("are granted to operators, producers, agents and readers without covering one", () => {
    const { stack, spine } = newSpine({ retention: { "*": Duration.days(90) } });
    const role = new iam.Role(stack, "Person", { assumedBy: new iam.AccountRootPrincipal() });
    spine.grantOperate(role);
    spine.grantErase(role);
    spine.grantSend(role);
    spine.grantAnswer(role);
    spine.grantPublish(role);
    spine.grantReadSession(role);
    const granted = templateOf(stack.node.root as App, "Test");
    expect(invocations(granted).length).toBeGreaterThan(invocations(template).length);
    expect(toFed(granted)).toEqual([]);
  });

  test("are reported when they cover such a function", () => {
    for (const suffix of ["recovery", "coordinator", "relay", "agent-inquiry"]) {
      const { stack } = newSpine();
      const role = new iam.Role(stack, "Person", { assumedBy: new iam.AccountRootPrincipal() });
      const resourceArns = [
        stack.formatArn({
          service: "lambda",
          resource: "function",
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          resourceName: `spine-${suffix}`,
        }),
      ];
      iam.Grant.addToPrincipal({ grantee: role, actions: ["lambda:InvokeFunction"], resourceArns });
      expect(toFed(templateOf(stack.node.root as App, "Test"))).toHaveLength(1);
    }
  });
});

describe("rights to the spine's stores", () => {
  test("write only named partitions of the table and named prefixes of the bucket", () => {
    expect(wideRights(template)).toEqual([]);
  });

  test("are reported as too broad when a condition or a prefix is removed", () => {
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

  test("let only the door write heartbeats", () => {
    const noting = Object.entries(rightsOf(template)).flatMap(([name, rights]) =>
      rights.filter((right) => right.includes("#beat/")).map((right) => `${name} ${right}`),
    );
    expect(noting).toEqual([`spine-door dynamodb:PutItem ${within({ like: ["#beat/*"] })}`]);
  });

  test("let the counters of quotas write nothing else, and nothing count them when there are none", () => {
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
