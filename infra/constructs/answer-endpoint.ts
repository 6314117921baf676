import { Duration } from "aws-cdk-lib";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { Env } from "#aws/config.ts";
import { FunctionSuffix, functionName } from "#aws/names.ts";
import { callbackConcurrency, type Callbacks } from "../settings/callback-bounds.ts";
import { coreFunction, type Foundation } from "./foundation.ts";
import type { SpineFunction } from "./spine-function.ts";

/** It verifies a token and invokes the door, twice at most. */
const TIMEOUT = Duration.seconds(10);
const MEMORY_MB = 256;

export interface AnswerEndpointProps {
  readonly foundation: Foundation;
  readonly callbacks: Callbacks;
}

/**
 * A public URL for answers of tasks that agents passed on: no signature, a task's token alone. The function may read the token secret and invoke
 * the door, which asks for the token again; it cannot reach the log. Its concurrency is reserved, so that a flood takes nobody else's.
 */
export class AnswerEndpoint extends Construct {
  readonly handler: SpineFunction;
  readonly url: lambda.FunctionUrl;

  constructor(scope: Construct, id: string, { foundation, callbacks }: AnswerEndpointProps) {
    super(scope, id);
    const { names, tokens } = foundation;
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.callback,
      description: "receives answers of tasks that agents passed on, without signatures",
      timeout: TIMEOUT,
      memorySize: MEMORY_MB,
      reservedConcurrency: callbackConcurrency(callbacks),
      environment: {
        [Env.door]: functionName(names.prefix, FunctionSuffix.door),
        [Env.tokenSecret]: tokens.secret.secretArn,
      },
    });
    tokens.grantIssue(this.handler);
    names.grantAnswerTask(this.handler);
    this.url = this.handler.function.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.NONE });
  }
}
