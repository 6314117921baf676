import { Duration, RemovalPolicy } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as s3 from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { LARGE_FLOWS } from "#aws/names.ts";
import { RETAINED, type StoreProps } from "./session-log-table.ts";

/** Dead letters with what became of them, and the lists of those that wait. */
const LETTERS = ["letters/", "awaiting/", "parked/"];
/** With the 14 days of its queue a letter is gone before the tombstone of its session, which stays for 90. */
const LETTER_RETENTION = Duration.days(45);
const SNAPSHOTS = "snapshots/";
/** Texts of commits that no item of the log can hold; they end with their session. */
const COMMITS = "commits/";
/** Large views, which agents fetch by a link. */
const VIEWS = "views/";
/**
 * Views are of use until their tasks' deadlines, which are minutes away, and their links end with these. The relay may be a day late
 * and send a task once more; what is sent after that fails, and the next attempt brings a view of its own.
 */
const VIEW_RETENTION = Duration.days(2);
/** What was deleted can be brought back for as long as the table can be restored to an earlier moment. */
const DELETED_RETENTION = Duration.days(35);
/** But letters and views hold what people wrote, and nobody needs them when their time is over. */
const DELETED_AT_ONCE = Duration.days(1);

/**
 * Texts that are too large for a commit or a message. A key is written with one text only; its versions allow restoring deleted
 * objects. No function may read or delete an older version: the bucket's rules do. Agents have no right here and read through
 * presigned links.
 *
 * @example
 * const blobs = new BlobStore(this, "Blobs", { removalPolicy: RemovalPolicy.DESTROY });
 */
export class BlobStore extends Construct {
  readonly bucket: s3.Bucket;

  constructor(scope: Construct, id: string, { removalPolicy = RETAINED }: StoreProps = {}) {
    super(scope, id);
    this.bucket = new s3.Bucket(this, "Bucket", {
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      // CloudFormation deletes a bucket only when it is empty, versions included.
      versioned: removalPolicy !== RemovalPolicy.DESTROY,
      lifecycleRules: [
        {
          abortIncompleteMultipartUploadAfter: Duration.days(7),
          noncurrentVersionExpiration: DELETED_RETENTION,
          expiredObjectDeleteMarker: true,
        },
        ...[...LETTERS, VIEWS].map((prefix) => ({
          prefix,
          expiration: prefix === VIEWS ? VIEW_RETENTION : LETTER_RETENTION,
          noncurrentVersionExpiration: DELETED_AT_ONCE,
        })),
      ],
      removalPolicy,
    });
  }

  /** Read texts. With the right to list, S3 answers 404 for a key without a text, and not 403. */
  grantRead(grantee: iam.IGrantable): iam.Grant {
    const { bucketArn } = this.bucket;
    return this.grant(grantee, "s3:GetObject", `${bucketArn}/*`).combine(this.grantTellMissing(grantee));
  }

  /** Be told that an object is missing, which is otherwise refused like one that may not be read. */
  grantTellMissing(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "s3:ListBucket", this.bucket.bucketArn);
  }

  /** Read what the log refers to: of one tenant, or of all. */
  grantReadSession(grantee: iam.IGrantable, tenant = "*"): iam.Grant {
    const read = (prefix: string, whose: string) =>
      this.grant(grantee, "s3:GetObject", `${this.bucket.bucketArn}/${prefix}${whose}/*`);
    const own = read(COMMITS, tenant).combine(read(SNAPSHOTS, tenant));
    // Large flows are of no tenant.
    return tenant === "*" ? own : own.combine(read(COMMITS, LARGE_FLOWS));
  }

  /** Read texts of commits that no item of the log can hold. */
  grantReadCommits(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "s3:GetObject", `${this.bucket.bucketArn}/${COMMITS}*`);
  }

  /** Store the parts of sessions that are too large for their items: commits, snapshots, and views that agents fetch. */
  grantStore(grantee: iam.IGrantable): iam.Grant {
    return this.grantPut(grantee, [COMMITS, SNAPSHOTS, VIEWS]);
  }

  /** Store dead letters, and the lists of those that wait. */
  grantFile(grantee: iam.IGrantable): iam.Grant {
    return this.grantPut(grantee, LETTERS);
  }

  /** Delete texts under these keys, and no others. */
  grantForget(grantee: iam.IGrantable, keys: readonly string[]): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ["s3:DeleteObject"],
      resourceArns: keys.map((key) => `${this.bucket.bucketArn}/${key}`),
    });
  }

  private grantPut(grantee: iam.IGrantable, prefixes: readonly string[]): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ["s3:PutObject"],
      resourceArns: prefixes.map((prefix) => `${this.bucket.bucketArn}/${prefix}*`),
    });
  }

  private grant(grantee: iam.IGrantable, action: string, arn: string): iam.Grant {
    return iam.Grant.addToPrincipal({ grantee, actions: [action], resourceArns: [arn] });
  }
}
