import * as events from "aws-cdk-lib/aws-events";
import * as iam from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { checkName } from "../settings/aws-limits.ts";

/** Who may put events of a source on spine-in. */
export interface Producer {
  /** The `source` of its events, such as `com.example.shop`. */
  readonly source: string;
  /** The roles that may use the source; nobody else may. */
  readonly roles: readonly iam.IRole[];
}

type Conditions = Record<string, Record<string, string | readonly string[]>>;

/**
 * One of the two buses of a spine.
 *
 * @example
 * const bus = new SpineBus(this, "In", { busName: "spine-in", description: "Inputs of other systems" });
 */
export class SpineBus extends Construct {
  readonly bus: events.EventBus;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly busName: string; readonly description: string },
  ) {
    super(scope, id);
    this.bus = new events.EventBus(this, "Bus", {
      eventBusName: checkName("bus", props.busName),
      description: props.description,
    });
  }

  /** Lets somebody put events on the bus, as far as the bus's own policy does. */
  grantPublish(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ["events:PutEvents"],
      resourceArns: [this.bus.eventBusArn],
    });
  }

  /** Denies the bus to everyone except one role, whatever rights others have or get. */
  admitOnly(role: iam.IRole): void {
    this.deny("OneWriter", { ArnNotEquals: { "aws:PrincipalArn": role.roleArn } });
  }

  /** Closes the bus to unlisted sources, and each listed source to roles that are not its own. */
  admitSources(producers: readonly Producer[]): void {
    if (producers.length === 0) return;
    const sources = producers.map(({ source }) => source);
    this.deny("KnownSources", { "ForAnyValue:StringNotEquals": { "events:source": sources } });
    for (const { source, roles } of producers) {
      this.deny(`Source${idOf(source)}`, {
        "ForAnyValue:StringEquals": { "events:source": source },
        ArnNotEquals: { "aws:PrincipalArn": roles.map(({ roleArn }) => roleArn) },
      });
    }
  }

  /** Lets another account's IAM say who of it may put events here: of these sources, or of any. */
  admitAccount(account: string, sources: readonly string[] | "any"): void {
    this.state(`Account${account}`, {
      effect: iam.Effect.ALLOW,
      principals: [new iam.AccountPrincipal(account)],
      ...(sources !== "any" && {
        conditions: { "ForAllValues:StringEquals": { "events:source": sources } },
      }),
    });
  }

  private deny(sid: string, conditions: Conditions): void {
    this.state(sid, { effect: iam.Effect.DENY, principals: [new iam.AnyPrincipal()], conditions });
  }

  private state(sid: string, statement: iam.PolicyStatementProps): void {
    this.bus.addToResourcePolicy(
      new iam.PolicyStatement({
        sid,
        actions: ["events:PutEvents"],
        resources: [this.bus.eventBusArn],
        ...statement,
      }),
    );
  }
}

/** Statement ids take letters and digits only. */
function idOf(source: string): string {
  return source.replaceAll(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => (next ?? "").toUpperCase());
}
