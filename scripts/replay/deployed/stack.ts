import { RemovalPolicy, Stack } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { loadApplication } from "../../../infra/bundling/load-application.ts";
import { EventSpine } from "../../../infra/index.ts";
import { contractsOf } from "#core/flow/application.ts";
import { UNDERSTANDING } from "../application.ts";
import { CALLS_TABLE, CallAttribute } from "./names.ts";
import { applicationIn, entryIn } from "./write-build.ts";
import { EVERYBODY, RIGHTS } from "#core/rights.ts";

/** A spine with the agents of some conversations, and a table of the calls that they make. */
export class ReplayStack extends Stack {
  constructor(scope: Construct, id: string, { build }: { readonly build: string }) {
    super(scope, id, { description: "Event Spine: a replay of conversations" });
    const application = applicationIn(build);
    const agents = contractsOf(loadApplication(application).definition).map(({ spec }) => spec.name);
    const text = dynamodb.AttributeType.STRING;
    const calls = new dynamodb.Table(this, "Calls", {
      partitionKey: { name: CallAttribute.turn, type: text },
      sortKey: { name: CallAttribute.key, type: text },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const environment = { [CALLS_TABLE]: calls.tableName };
    const spine = new EventSpine(this, "Spine", {
      application,
      rights: { [EVERYBODY]: RIGHTS },
      // No turn is urgent.
      agents: Object.fromEntries(
        agents.map((name) => [name, { entry: entryIn(build, name), environment, express: false }]),
      ),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    for (const name of agents) {
      if (name === UNDERSTANDING) continue;
      const grantee = spine.agent(name).function;
      iam.Grant.addToPrincipal({ grantee, actions: ["dynamodb:PutItem"], resourceArns: [calls.tableArn] });
    }
  }
}
