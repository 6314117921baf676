import type * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import type * as iam from "aws-cdk-lib/aws-iam";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type { EventSpine } from "../../infra/index.ts";

/** What the examples of constructs take for granted. It is compiled with them and never run. */
export { Duration, RemovalPolicy } from "aws-cdk-lib";
export * as kms from "aws-cdk-lib/aws-kms";
export { greeter } from "./example-stage.ts";

export declare const spine: EventSpine;
export declare const role: iam.Role;
export declare const table: dynamodb.Table;
export declare const consumer: lambda.Function;
