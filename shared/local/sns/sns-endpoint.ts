import { randomUUID } from "node:crypto";
import { AwsError } from "../http/service-error.ts";
import { serveLoopback, type LocalResponse, type LoopbackServer } from "../http/loopback-server.ts";
import type { Access, Caller } from "../iam/access.ts";
import { LOCAL_REGION } from "../addresses.ts";
import { SNS } from "../signing/services.ts";
import { xmlText } from "../s3/list-objects.ts";
import { readNotice, type SnsNotice } from "./read-notice.ts";

/** A topic as alarms and publishers know it. */
export interface LocalTopic {
  readonly arn: string;
  /** Of the key that encrypts it: an ARN, or one of AWS's own by its alias. */
  readonly keyArn: string | undefined;
}

export interface SnsOptions {
  /** By ARN. */
  readonly topics: ReadonlyMap<string, LocalTopic>;
  readonly access: Access;
  /** Told of all that was published: no subscription is served here. */
  readonly onPublished: (topic: LocalTopic, notice: SnsNotice) => void;
}

const NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/";
/** AWS's own key of SNS, which every caller of the account may use through SNS. */
export const OWN_KEY_OF_SNS = "alias/aws/sns";

/** SNS's Publish to a standard topic, in the Query protocol: a form comes, XML goes. */
export function serveSns({ topics, access, onPublished }: SnsOptions): Promise<LoopbackServer> {
  return serveLoopback(async (request) => {
    try {
      const caller = await access.authenticate(request, SNS);
      const form = new URLSearchParams(request.body.toString("utf8"));
      const action = form.get("Action") ?? "";
      if (action !== "Publish")
        throw new AwsError("InvalidAction", `The local endpoint does not support ${action || "this call"}.`);
      const arn = form.get("TopicArn");
      if (arn === null)
        throw invalid("TopicArn", "the local endpoint publishes to topics, not to phones or endpoints");
      access.check(caller, "Publish", "sns:Publish", arn);
      const topic = topics.get(arn);
      if (topic === undefined) throw new AwsError("NotFound", "Topic does not exist", 404);
      const notice = readNotice(form);
      requireKey(access, caller, topic);
      onPublished(topic, notice);
      return answer(notice);
    } catch (error) {
      if (error instanceof AwsError) return refusal(error);
      throw error;
    }
  });
}

/** A topic with a key of the customer's takes what its publisher may encrypt with it, through SNS. */
function requireKey(access: Access, caller: Caller, { keyArn }: LocalTopic): void {
  if (keyArn === undefined || keyArn === OWN_KEY_OF_SNS) return;
  const context = { "kms:ViaService": `sns.${LOCAL_REGION}.amazonaws.com` };
  for (const action of ["kms:GenerateDataKey", "kms:Decrypt"])
    if (!access.isAllowed(caller, action, keyArn, context))
      throw new AwsError("KMSAccessDenied", `${caller.name} is not allowed ${action} on ${keyArn}.`, 400);
}

const invalid = (field: string, problem: string): AwsError =>
  new AwsError("InvalidParameter", `Invalid parameter: ${field} Reason: ${problem}`);

function answer({ id }: SnsNotice): LocalResponse {
  return xml(
    200,
    `<PublishResponse xmlns="${NAMESPACE}"><PublishResult><MessageId>${id}</MessageId></PublishResult>${metadata()}</PublishResponse>`,
  );
}

/** Calls without a right have a code of their own here. */
function refusal({ code, message, status }: AwsError): LocalResponse {
  const named = code === "AccessDeniedException" ? "AuthorizationError" : code;
  return xml(
    status,
    `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Sender</Type><Code>${named}</Code><Message>${xmlText(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  );
}

const metadata = (): string => `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;

const xml = (status: number, body: string): LocalResponse => ({
  status,
  headers: { "content-type": "text/xml" },
  body,
});
