import { Stack } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";

const READ = ["kms:Decrypt", "kms:DescribeKey"];
const WRITE = [
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
];

/**
 * How a table is encrypted: by a key that DynamoDB owns, for which nobody pays by call; or by a customer's own, whose calls AWS
 * charges and logs.
 */
export const tableEncryption = (
  key: kms.IKey | undefined,
): Pick<dynamodb.TableProps, "encryption" | "encryptionKey"> =>
  key === undefined ? {} : { encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED, encryptionKey: key };

/** What reading or writing a table takes of the customer's key that encrypts it: its use by DynamoDB, and by nothing else. */
export function grantTableKey(
  key: kms.IKey | undefined,
  grantee: iam.IGrantable,
  access: "read" | "write",
): void {
  if (key === undefined) return;
  const { region, urlSuffix } = Stack.of(key);
  iam.Grant.addToPrincipal({
    grantee,
    actions: access === "read" ? READ : [...READ, ...WRITE],
    resourceArns: [key.keyArn],
    conditions: { StringEquals: { "kms:ViaService": `dynamodb.${region}.${urlSuffix}` } },
  });
}
