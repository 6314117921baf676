import * as iam from "aws-cdk-lib/aws-iam";
import * as kms from "aws-cdk-lib/aws-kms";
import { Stack, Tags, type RemovalPolicy } from "aws-cdk-lib";
import { Construct } from "constructs";
import { RETAINED, type StoreProps } from "./session-log-table.ts";

/** Paths of the context that hold personal values, by tenant; `*` is every tenant that is not named. */
export type PersonalPaths = Readonly<Record<string, readonly string[]>>;

const PATH = /^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*)*$/;

/** Reads what a spine's owner declares as personal. Throws where a path is none. */
export function personalPaths(paths: PersonalPaths | undefined): PersonalPaths | undefined {
  if (paths === undefined || Object.values(paths).every((some) => some.length === 0)) return undefined;
  checkPersonalPaths(paths);
  return paths;
}

/** Throws where a path is none. */
export function checkPersonalPaths(paths: PersonalPaths): void {
  for (const [tenant, some] of Object.entries(paths)) {
    const wrong = some.find((path) => !PATH.test(path));
    if (wrong !== undefined)
      throw new Error(`"${wrong}" is no path of ${tenant}'s context. Give one such as input.email.`);
  }
}

/** What a made key is tagged with; its value is the spine's prefix. The right to open goes by it, and not by what a template declares. */
const TAG = "event-spine";

export interface PersonalKeyProps extends StoreProps {
  readonly prefix: string;
  /** A key that is there already. @default one is made */
  readonly existing?: kms.IKey | undefined;
}

/** The key that wraps the data keys of sessions with personal values. Without it none of these can be read any more. */
export class PersonalKey extends Construct {
  readonly key: kms.IKey;

  constructor(
    scope: Construct,
    id: string,
    { prefix, existing, removalPolicy = RETAINED }: PersonalKeyProps,
  ) {
    super(scope, id);
    this.key = existing ?? this.made(prefix, removalPolicy);
  }

  private made(prefix: string, removalPolicy: RemovalPolicy): kms.IKey {
    const key = new kms.Key(this, "Key", {
      description: "Event Spine: wraps the data keys of sessions with personal values",
      enableKeyRotation: true,
      removalPolicy,
    });
    Tags.of(key).add(TAG, prefix);
    return key;
  }

  /** Make sessions' data keys. */
  grantSeal(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, ["kms:GenerateDataKey"]);
  }

  /** Unwrap sessions' data keys. */
  grantOpen(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, ["kms:Decrypt"]);
  }

  private grant(grantee: iam.IGrantable, actions: string[]): iam.Grant {
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [this.key.keyArn] });
  }
}

/**
 * Unwrap data keys of sessions by any key that was ever made for this spine. Every spine has the right, whatever it declares: one
 * that declares no path any more, or another key, must read the sessions that it had.
 */
export function grantOpenFormer(scope: Construct, prefix: string, grantee: iam.IGrantable): iam.Grant {
  const { partition, region, account } = Stack.of(scope);
  return iam.Grant.addToPrincipal({
    grantee,
    actions: ["kms:Decrypt"],
    resourceArns: [`arn:${partition}:kms:${region}:${account}:key/*`],
    conditions: { StringEquals: { [`aws:ResourceTag/${TAG}`]: prefix } },
  });
}
