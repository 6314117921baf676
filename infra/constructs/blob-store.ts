import { Duration, RemovalPolicy } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as s3 from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { StoreProps } from "./session-log-table.ts";

/** Dead letters with what became of them, and the lists of those that wait. */
const LETTERS = ["letters/", "awaiting/", "parked/"];
/** With the 14 days of its queue a letter is gone before the tombstone of its session, which stays for 60. */
const LETTER_RETENTION = Duration.days(45);

/**
 * Texts that are too large for a commit or a message. A key is written with one text only, so there is nothing that
 * versions could bring back; agents have no right here and read by presigned links.
 */
export class BlobStore extends Construct {
  readonly bucket: s3.Bucket;

  constructor(scope: Construct, id: string, { removalPolicy = RemovalPolicy.RETAIN }: StoreProps = {}) {
    super(scope, id);
    this.bucket = new s3.Bucket(this, "Bucket", {
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(7) },
        ...LETTERS.map((prefix) => ({ prefix, expiration: LETTER_RETENTION })),
      ],
      removalPolicy,
    });
  }

  /** Read texts. With the right to list, S3 answers 404 for a key without a text, and not 403. */
  grantRead(grantee: iam.IGrantable): iam.Grant {
    const { bucketArn } = this.bucket;
    return this.grant(grantee, "s3:GetObject", `${bucketArn}/*`).combine(
      this.grant(grantee, "s3:ListBucket", bucketArn),
    );
  }

  /** Store texts. */
  grantStore(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "s3:PutObject", `${this.bucket.bucketArn}/*`);
  }

  /** Delete texts under these keys, and no others. */
  grantForget(grantee: iam.IGrantable, keys: readonly string[]): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ["s3:DeleteObject"],
      resourceArns: keys.map((key) => `${this.bucket.bucketArn}/${key}`),
    });
  }

  private grant(grantee: iam.IGrantable, action: string, arn: string): iam.Grant {
    return iam.Grant.addToPrincipal({ grantee, actions: [action], resourceArns: [arn] });
  }
}
