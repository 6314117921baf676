import { AwsError } from "../http/aws-error.ts";
import { jsonRefusal, jsonService } from "../http/json-service.ts";
import { serveLoopback, type LoopbackServer } from "../http/loopback-server.ts";
import type { Access } from "../iam/access.ts";
import { SECRETS_MANAGER } from "../signing/services.ts";

export interface LocalSecret {
  readonly arn: string;
  readonly name: string;
  readonly value: string;
}

const CONTENT_TYPE = "application/x-amz-json-1.1";

/** Secrets Manager's GetSecretValue. A secret is found by its ARN or name. */
export function serveSecrets(secrets: readonly LocalSecret[], access: Access): Promise<LoopbackServer> {
  return serveLoopback(
    jsonService({
      access,
      service: SECRETS_MANAGER,
      contentType: CONTENT_TYPE,
      refusal: jsonRefusal(CONTENT_TYPE),
      operations: {
        GetSecretValue({ caller, input }) {
          const secret = secrets.find(
            ({ arn, name }) => input["SecretId"] === arn || input["SecretId"] === name,
          );
          if (secret === undefined) {
            throw new AwsError(
              "ResourceNotFoundException",
              "Secrets Manager can't find the specified secret.",
            );
          }
          access.check(caller, "GetSecretValue", "secretsmanager:GetSecretValue", secret.arn);
          return {
            ARN: secret.arn,
            Name: secret.name,
            SecretString: secret.value,
            VersionStages: ["AWSCURRENT"],
          };
        },
      },
    }),
  );
}
