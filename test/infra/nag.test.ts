import { Duration, Validations, type App, type Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as s3 from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import { describe, expect, test } from "vitest";
import { ACCEPTED_FINDINGS, acknowledgeFindings, findingsIn } from "../../infra/accepted-findings.ts";
import { CustomerCareStack, type CustomerCareProps } from "../../infra/customer-care-stack.ts";
import { RecommendationStack } from "../../infra/recommendation-stack.ts";
import { newApp } from "./fixture.ts";

const packs = () => [new AwsSolutionsChecks(), new ServerlessChecks()];

/** All that the app's variables may switch on. */
const EVERYTHING: CustomerCareProps = {
  mirror: true,
  retention: Duration.days(30),
  personal: ["input.text"],
  quotas: { default: { perSecond: 5 } },
  bedrockModel: "eu.amazon.nova-lite-v1:0",
};

function appWith(props: CustomerCareProps = {}): { readonly app: App; readonly stack: CustomerCareStack } {
  const app = newApp();
  const stack = new CustomerCareStack(app, "EventSpine", props);
  new RecommendationStack(
    app,
    "EventSpineRecommendation",
    props.prefix === undefined ? {} : { prefix: props.prefix },
  );
  return { app, stack };
}

/** What is neither right nor accepted. */
function left(app: App) {
  acknowledgeFindings(app, packs());
  return findingsIn(app, packs());
}

describe("cdk-nag", () => {
  test.each([
    ["as it is", {}],
    ["with all that can be switched on", EVERYTHING],
    ["with another prefix", { prefix: "other" }],
  ])("finds nothing against the app %s that is not accepted with its reason", (_how, props) => {
    expect(left(appWith(props).app)).toEqual([]);
  });

  test("still finds all that is accepted, and each has a reason", () => {
    expect(acknowledgeFindings(appWith(EVERYTHING).app, packs())).toEqual([]);
    for (const { reason } of ACCEPTED_FINDINGS) expect(reason).toMatch(/^[A-Za-z].{20,}\.$/);
  });

  test.each<readonly [string, string, (stack: Stack) => void]>([
    ["a bucket that takes plain HTTP", "AwsSolutions-S10", (stack) => new s3.Bucket(stack, "Plain")],
    [
      "a right to everything",
      "AwsSolutions-IAM5[Action::s3:*]",
      (stack) =>
        (stack as CustomerCareStack).spine
          .agent("inquiry")
          .function.addToRolePolicy(new iam.PolicyStatement({ actions: ["s3:*"], resources: ["*"] })),
    ],
    [
      "queues that take plain HTTP",
      "AwsSolutions-SQS4",
      (stack) => {
        for (const { node } of stack.node.findAll())
          if (/\/Inputs\/Queue\/Policy$/.test(node.path)) node.scope?.node.tryRemoveChild("Policy");
      },
    ],
  ])("finds %s", (_what, rule, change) => {
    const { app, stack } = appWith();
    change(stack);
    expect(left(app).map(({ finding }) => finding)).toContain(rule);
  });

  test("stops a synthesis by Validations, and lets it pass with what is accepted", () => {
    const synthesized = (accept: boolean) => {
      const { app } = appWith();
      if (accept) acknowledgeFindings(app, packs());
      Validations.of(app).addPlugins(...packs());
      app.synth();
    };
    expect(() => synthesized(false)).toThrow(/AwsSolutions-S1/);
    expect(() => synthesized(true)).not.toThrow();
  });
});
