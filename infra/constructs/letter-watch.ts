import { Aws } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { FunctionSuffix } from "#aws/names.ts";
import { SpineStateMachine, type Definition } from "./spine-state-machine.ts";
import type { SpineNames } from "./spine.ts";

/** Watches the letters of a period until their sessions have recorded them, or parks them. */
export class LetterWatch extends SpineStateMachine {
  constructor(scope: Construct, id: string, { names }: { readonly names: SpineNames }) {
    // By its name: the function in turn knows this machine.
    const operator = names.functionArn(FunctionSuffix.operator);
    super(scope, id, {
      definition: letterWatch(operator),
      right: { action: "lambda:InvokeFunction", resource: operator },
    });
  }
}

/** How often a page is retried: with pauses from 5 s to five minutes, an hour in total. */
const RETRIES = 16;

const letterWatch = (operator: string): Definition => ({
  Comment: "Confirms that sessions recorded their dead letters.",
  StartAt: "Wait",
  States: {
    Wait: { Type: "Wait", SecondsPath: "$.waitSeconds", Next: "Confirm" },
    Confirm: {
      Type: "Task",
      Resource: `arn:${Aws.PARTITION}:states:::lambda:invoke`,
      Parameters: { FunctionName: operator, Payload: { "confirm.$": "$" } },
      OutputPath: "$.Payload",
      TimeoutSeconds: 30,
      Retry: [
        {
          ErrorEquals: ["States.ALL"],
          IntervalSeconds: 5,
          BackoffRate: 2,
          MaxDelaySeconds: 300,
          MaxAttempts: RETRIES,
          JitterStrategy: "FULL",
        },
      ],
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
});
