import type { RefusalStyle } from "./flaw.ts";

/** What a service wants of signatures. */
export interface SigningService {
  /** Its name in the scope of signatures, and in policies. */
  readonly name: string;
  readonly style: RefusalStyle;
  /** Whether a URL may carry the signature. */
  readonly links: boolean;
}

const json = (name: string): SigningService => ({ name, style: "json", links: false });

export const DYNAMODB = json("dynamodb");
export const EVENTS = json("events");
export const KMS = json("kms");
/** CloudWatch, but for its logs. */
export const MONITORING = json("monitoring");
export const SECRETS_MANAGER = json("secretsmanager");
export const SNS: SigningService = { name: "sns", style: "query", links: false };
export const SQS = json("sqs");
export const STATES = json("states");
export const LAMBDA: SigningService = { name: "lambda", style: "rest", links: false };
/** Function URLs are signed for Lambda as well. */
export const FUNCTION_URL: SigningService = { name: "lambda", style: "rest", links: true };
export const S3: SigningService = { name: "s3", style: "s3", links: true };
