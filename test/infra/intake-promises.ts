import assert from "node:assert/strict";
import type { TemplateJson } from "./fixture.ts";
import { all, only } from "./resources.ts";

type PromiseCheck = (template: TemplateJson) => void;

const queueArn = (name: string) => `arn:partition:sqs:region:accountid:${name}`;

const intake: PromiseCheck = (template) => {
  assert.deepEqual(only(template, "AWS::Events::Rule").Properties, {
    Name: "spine-intake",
    Description: "Event Spine: every event on spine-in is an input",
    EventBusName: "spine-in",
    EventPattern: { source: [{ prefix: "" }] },
    State: "ENABLED",
    Targets: [
      {
        Arn: queueArn("spine-intake"),
        DeadLetterConfig: { Arn: queueArn("spine-intake-dead") },
        Id: "Target0",
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400 },
      },
    ],
  });
  assert.deepEqual(
    all(template, "AWS::Lambda::Url"),
    ["ingress", "operator", "stream"].map((name) => ({
      AuthType: "AWS_IAM",
      ...(name === "stream" && { InvokeMode: "RESPONSE_STREAM" }),
      TargetFunctionArn: `arn:partition:lambda:region:accountid:function:spine-${name}`,
    })),
  );
};

/** How events come in. */
export const INTAKE_PROMISES: Readonly<Record<string, PromiseCheck>> = {
  "spine-in feeds the intake, and HTTP needs an IAM signature, of producers, operators and readers": intake,
};
