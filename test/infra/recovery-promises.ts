import assert from "node:assert/strict";
import type { TemplateJson } from "./fixture.ts";
import { all, resourcesOf } from "./resources.ts";
import { rolesRights } from "./rights.ts";

type PromiseCheck = (template: TemplateJson) => void;

/** Retries of a task: from how many seconds apart, to how many, and how often. */
const retry = (from: number, to: number, times: number) => [
  {
    ErrorEquals: ["States.ALL"],
    IntervalSeconds: from,
    BackoffRate: 2,
    MaxDelaySeconds: to,
    MaxAttempts: times,
    JitterStrategy: "FULL",
  },
];
const OPERATOR = "arn:partition:lambda:region:accountid:function:spine-operator";

const MACHINES: Readonly<Record<string, { readonly states: object; readonly may: string }>> = {
  FarDeadlines: {
    states: {
      Wait: { Type: "Wait", TimestampPath: "$.until", Next: "Send" },
      Send: {
        Type: "Task",
        Resource: "arn:partition:states:::sqs:sendMessage",
        Parameters: {
          QueueUrl: "https://sqs.region.urlsuffix/accountid/spine-deadlines",
          "MessageBody.$": "$.body",
        },
        TimeoutSeconds: 30,
        Retry: retry(2, 900, 104),
        End: true,
      },
    },
    may: "sqs:SendMessage spine-deadlines",
  },
  RecoveryWatch: {
    states: {
      Wait: { Type: "Wait", SecondsPath: "$.waitSeconds", Next: "Confirm" },
      Confirm: {
        Type: "Task",
        Resource: "arn:partition:states:::lambda:invoke",
        Parameters: { FunctionName: OPERATOR, Payload: { "confirm.$": "$" } },
        OutputPath: "$.Payload",
        TimeoutSeconds: 30,
        Retry: retry(5, 300, 16),
        Catch: [{ ErrorEquals: ["States.ALL"], Next: "Unwatched" }],
        Next: "Decide",
      },
      Decide: {
        Type: "Choice",
        Choices: [
          { Variable: "$.next", StringEquals: "page", Next: "Confirm" },
          { Variable: "$.next", StringEquals: "round", Next: "Wait" },
        ],
        Default: "Done",
      },
      Done: { Type: "Succeed" },
      Unwatched: {
        Type: "Fail",
        Error: "Unwatched",
        Cause:
          "The function operator could not confirm the letters of this period. Nothing is lost: they are kept.",
      },
    },
    may: "lambda:InvokeFunction function:spine-operator",
  },
};

const machines: PromiseCheck = (template) => {
  const found = all(template, "AWS::StepFunctions::StateMachine");
  const rightsOf = rolesRights(template);
  assert.equal(found.length, Object.keys(MACHINES).length);
  for (const { DefinitionString, RoleArn, ...rest } of found) {
    assert.deepEqual(rest, { StateMachineType: "STANDARD" });
    const name = /^role:Spine(\w+)Role\.Arn$/.exec(String(RoleArn))?.[1] ?? "";
    const { Comment, ...definition } = JSON.parse(String(DefinitionString)) as Readonly<
      Record<string, unknown>
    >;
    assert.match(String(Comment), /\.$/);
    assert.deepEqual(definition, { StartAt: "Wait", States: MACHINES[name]?.states });
    assert.deepEqual(rightsOf(String(RoleArn)), [MACHINES[name]?.may]);
  }
  for (const { DeletionPolicy, UpdateReplacePolicy } of resourcesOf(
    template,
    "AWS::StepFunctions::StateMachine",
  ))
    assert.deepEqual(
      { DeletionPolicy, UpdateReplacePolicy },
      { DeletionPolicy: "Delete", UpdateReplacePolicy: "Delete" },
    );
};

/** What watches over deadlines far ahead and over dead letters. */
export const RECOVERY_PROMISES: Readonly<Record<string, PromiseCheck>> = {
  "each state machine runs its definition with one right and nothing else": machines,
};
