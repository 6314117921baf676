import { AwsError } from "../http/service-error.ts";
import { jsonRefusal, jsonService, type JsonCall } from "../http/json-service.ts";
import { serveLoopback, type LoopbackServer } from "../http/loopback-server.ts";
import type { Access } from "../iam/access.ts";
import { SECRETS_MANAGER } from "../signing/services.ts";
import type { LocalSecret, StoredVersion } from "./local-secret.ts";

const CONTENT_TYPE = "application/x-amz-json-1.1";
const MOST_STAGES = 20;

/** Secrets Manager's GetSecretValue and PutSecretValue. A secret is found by its ARN or name. */
export function serveSecrets(secrets: readonly LocalSecret[], access: Access): Promise<LoopbackServer> {
  const open = ({ caller, input }: JsonCall, operation: string): LocalSecret => {
    const wanted = input["SecretId"];
    const secret = secrets.find(({ arn, name }) => wanted === arn || wanted === name);
    if (secret === undefined)
      throw new AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    access.check(caller, operation, `secretsmanager:${operation}`, secret.arn);
    return secret;
  };
  return serveLoopback(
    jsonService({
      access,
      service: SECRETS_MANAGER,
      contentType: CONTENT_TYPE,
      refusal: jsonRefusal(CONTENT_TYPE),
      operations: {
        GetSecretValue(call) {
          const secret = open(call, "GetSecretValue");
          const id = textIn(call, "VersionId");
          const stage = textIn(call, "VersionStage");
          const found = secret.find({
            ...(id !== undefined && { id }),
            ...(stage !== undefined && { stage }),
          });
          const { SecretString, SecretBinary, createdAt: CreatedDate } = found;
          return { ...named(secret, found), SecretString, SecretBinary, CreatedDate };
        },
        PutSecretValue(call) {
          const secret = open(call, "PutSecretValue");
          const token = textIn(call, "ClientRequestToken");
          const stages = stagesIn(call);
          const SecretString = textIn(call, "SecretString");
          const SecretBinary = textIn(call, "SecretBinary");
          const made = secret.put({
            ...(token !== undefined && { token }),
            ...(stages !== undefined && { stages }),
            ...(SecretString !== undefined && { SecretString }),
            ...(SecretBinary !== undefined && { SecretBinary }),
          });
          return named(secret, made);
        },
      },
    }),
  );
}

const named = ({ arn, name }: LocalSecret, { id, stages }: StoredVersion) => ({
  ARN: arn,
  Name: name,
  VersionId: id,
  VersionStages: stages,
});

function textIn({ input }: JsonCall, field: string): string | undefined {
  const value = input[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" && value !== "") return value;
  throw new AwsError("InvalidParameterException", `${field} must be a text.`);
}

function stagesIn({ input }: JsonCall): readonly string[] | undefined {
  const given: unknown = input["VersionStages"];
  if (given === undefined) return undefined;
  const stages: readonly unknown[] = Array.isArray(given) ? given : [];
  const texts = stages.filter((one): one is string => typeof one === "string" && one !== "");
  if (texts.length === stages.length && texts.length >= 1 && texts.length <= MOST_STAGES) return texts;
  throw new AwsError("InvalidParameterException", `VersionStages are 1 to ${MOST_STAGES} texts.`);
}
