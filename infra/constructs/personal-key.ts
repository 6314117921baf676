import * as iam from "aws-cdk-lib/aws-iam";
import * as kms from "aws-cdk-lib/aws-kms";
import { RemovalPolicy } from "aws-cdk-lib";
import { Construct } from "constructs";
import type { StoreProps } from "./session-log-table.ts";

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

/** The key that wraps the data keys of sessions with personal values. Without it none of these can be read any more. */
export class PersonalKey extends Construct {
  readonly key: kms.Key;

  constructor(scope: Construct, id: string, { removalPolicy = RemovalPolicy.RETAIN }: StoreProps = {}) {
    super(scope, id);
    this.key = new kms.Key(this, "Key", {
      description: "Event Spine: wraps the data keys of sessions with personal values",
      enableKeyRotation: true,
      removalPolicy,
    });
  }

  /** Make sessions' data keys, and unwrap them. */
  grantSeal(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, ["kms:Decrypt", "kms:GenerateDataKey"]);
  }

  /** Unwrap sessions' data keys. */
  grantOpen(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, ["kms:Decrypt"]);
  }

  private grant(grantee: iam.IGrantable, actions: string[]): iam.Grant {
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [this.key.keyArn] });
  }
}
