import * as lambda from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { SpineFunction } from "./spine-function.ts";

/** Gives a function a URL that only signed requests reach, and lets other accounts' IAM say who of them may call it. */
export function signedUrl(
  scope: Construct,
  handler: SpineFunction,
  accounts: readonly string[],
  invokeMode?: lambda.InvokeMode,
): lambda.FunctionUrl {
  const authType = lambda.FunctionUrlAuthType.AWS_IAM;
  const url = handler.function.addFunctionUrl({ authType, ...(invokeMode !== undefined && { invokeMode }) });
  for (const account of accounts) admit(scope, handler, account);
  return url;
}

/** A call of a URL needs both rights. Which tenant a principal belongs to, if any, the function finds out. */
function admit(scope: Construct, handler: SpineFunction, account: string): void {
  const { functionArn: functionName } = handler.function;
  new lambda.CfnPermission(scope, `Url${account}`, {
    functionName,
    principal: account,
    action: "lambda:InvokeFunctionUrl",
    functionUrlAuthType: lambda.FunctionUrlAuthType.AWS_IAM,
  });
  new lambda.CfnPermission(scope, `ViaUrl${account}`, {
    functionName,
    principal: account,
    action: "lambda:InvokeFunction",
    invokedViaFunctionUrl: true,
  });
}
