import * as iam from "aws-cdk-lib/aws-iam";
import * as kms from "aws-cdk-lib/aws-kms";
import { Stack, Tags, type RemovalPolicy } from "aws-cdk-lib";
import { Construct } from "constructs";
import { readByTenant, type ByTenant } from "#core/by-tenant.ts";
import { readDeclaredPaths, type DeclaredPaths } from "#core/session/personal/declared-paths.ts";
import { RETAINED, type StoreProps } from "./session-log-table.ts";

/** Parses the declared personal paths. Throws for an invalid path. */
export function personalPaths(
  paths: ByTenant<DeclaredPaths> | undefined,
): ByTenant<DeclaredPaths> | undefined {
  if (paths === undefined || Object.values(paths).every((some) => some.length === 0)) return undefined;
  return readByTenant("personal", paths, readDeclaredPaths);
}

/**
 * The tag of a created key; its value is the spine's prefix. The right to decrypt depends on the tag, not on the template's
 * declarations.
 */
const TAG = "event-spine";

export interface PersonalKeyProps extends StoreProps {
  readonly prefix: string;
  /** An existing key. @default one is created */
  readonly existing?: kms.IKey | undefined;
}

/** The key that wraps the data keys of sessions with personal values. Without it, these values cannot be read any more. */
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
 * Unwrap data keys of sessions by any key that was ever created for this spine. Every spine has this right, whatever it
 * declares, because it must read its old sessions after its paths or its key have changed.
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
