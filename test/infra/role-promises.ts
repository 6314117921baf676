import assert from "node:assert/strict";
import type { TemplateJson } from "./fixture.ts";
import { all, resourcesOf } from "./resources.ts";

type PromiseCheck = (template: TemplateJson) => void;

const logs: PromiseCheck = (template) => {
  const groups = resourcesOf(template, "AWS::Logs::LogGroup");
  assert.equal(groups.length, resourcesOf(template, "AWS::Lambda::Function").length);
  for (const { Properties, DeletionPolicy, UpdateReplacePolicy } of groups) {
    assert.deepEqual(Properties, { RetentionInDays: 30 });
    assert.deepEqual([DeletionPolicy, UpdateReplacePolicy], ["Delete", "Delete"]);
  }
};

const roles: PromiseCheck = (template) => {
  const services = all(template, "AWS::IAM::Role").map((role) => {
    const { Statement } = role["AssumeRolePolicyDocument"] as {
      readonly Statement: readonly [{ readonly Principal: { readonly Service: string } }];
    };
    const [{ Principal }] = Statement;
    const assume = { Action: "sts:AssumeRole", Effect: "Allow", Principal };
    assert.deepEqual(role, { AssumeRolePolicyDocument: { Statement: [assume], Version: "2012-10-17" } });
    return Principal.Service;
  });
  const of = (type: string, service: string) => resourcesOf(template, type).map(() => service);
  assert.deepEqual(services.toSorted(), [
    ...of("AWS::Lambda::Function", "lambda.amazonaws.com"),
    ...of("AWS::StepFunctions::StateMachine", "states.amazonaws.com"),
  ]);
};

/** What every function and state machine has of its own. */
export const ROLE_PROMISES: Readonly<Record<string, PromiseCheck>> = {
  "every function has a log group of its own, kept for a month": logs,
  "every role is Lambda's or a state machine's, and has no policy of AWS's": roles,
};
