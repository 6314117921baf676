import type { Around, LocalRequest } from "#local/http/loopback-server.ts";
import { functionCallOf } from "#local/faults/function-call.ts";

/** A request as it came to an endpoint, and how it was answered. */
export interface Captured {
  readonly request: LocalRequest;
  readonly status: number;
  readonly answer: string;
}

/** Keeps every request to the endpoints of AWS. */
export function createCapture(): { readonly around: Around; readonly captured: readonly Captured[] } {
  const captured: Captured[] = [];
  return {
    captured,
    around: async (request, handle) => {
      const response = await handle(request);
      captured.push({ request, status: response.status, answer: String(response.body ?? "") });
      return response;
    },
  };
}

/** The service's name in signatures, by the variable that names its endpoint. */
const SIGNING_NAMES: Readonly<Record<string, string>> = {
  CLOUDWATCH: "monitoring",
  DYNAMODB: "dynamodb",
  EVENTBRIDGE: "events",
  KMS: "kms",
  LAMBDA: "lambda",
  S3: "s3",
  SECRETS_MANAGER: "secretsmanager",
  SFN: "states",
  SNS: "sns",
  SQS: "sqs",
};
const SCOPE = /Credential=[^/]+\/\d{8}\/us-east-1\/([^/]+)\/aws4_request/;
/** What services say of a signature that they do not take, and of nothing else. */
const OF_SIGNATURES =
  /InvalidSignature|IncompleteSignature|SignatureDoesNotMatch|UnrecognizedClient|InvalidClientToken|MissingAuthentication|ExpiredToken|AuthorizationHeader|RequestTimeTooSkewed/;

/** What AWS would find wrong with how requests are signed: for another service than they went to, or not rightly. */
export function signatureProblems(
  captured: readonly Captured[],
  environment: Readonly<Record<string, string>>,
): readonly string[] {
  const services = new Map(
    Object.entries(SIGNING_NAMES).flatMap(([name, service]) => {
      const url = environment[`AWS_ENDPOINT_URL_${name}`];
      return url === undefined ? [] : [[new URL(url).host, service] as const];
    }),
  );
  return captured.flatMap(({ request, status, answer }) => {
    const { headers } = request;
    const wanted = services.get(headers["host"] ?? "");
    const signed = SCOPE.exec(headers["authorization"] ?? request.target)?.[1] ?? linkScope(request);
    const who = functionCallOf(request)?.functionName ?? "somebody";
    return [
      ...(signed === wanted ? [] : [`${who} signed for ${signed ?? "nothing"} what went to ${wanted}`]),
      ...(status >= 400 && OF_SIGNATURES.test(answer) ? [`${who} was refused by ${wanted}: ${answer}`] : []),
    ];
  });
}

function linkScope({ target }: LocalRequest): string | undefined {
  const credential = new URL(target, "http://local").searchParams.get("X-Amz-Credential");
  return credential?.split("/")[3];
}
