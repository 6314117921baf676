import { AwsError } from "../http/service-error.ts";

/** What may be wrong with how a request says who sends it. */
export type Flaw =
  | "unsigned"
  | "two-ways"
  | "malformed"
  | "unknown-key"
  | "wrong-token"
  | "expired-token"
  | "wrong-scope"
  | "skewed"
  | "bad-expiry"
  | "not-yet-valid"
  | "link-expired"
  | "unsigned-headers"
  | "no-body-hash"
  | "wrong-body-hash"
  | "mismatch";

type Refusal = readonly [code: string, status: number];

const INVALID: Refusal = ["InvalidSignatureException", 400];
const INCOMPLETE: Refusal = ["IncompleteSignatureException", 400];
const UNRECOGNIZED: Refusal = ["UnrecognizedClientException", 400];

/** The services of the JSON protocols. */
const JSON_REFUSALS: Readonly<Record<Flaw, Refusal>> = {
  unsigned: ["MissingAuthenticationTokenException", 400],
  "two-ways": INCOMPLETE,
  malformed: INCOMPLETE,
  "unknown-key": UNRECOGNIZED,
  "wrong-token": UNRECOGNIZED,
  "expired-token": ["ExpiredTokenException", 400],
  "wrong-scope": INVALID,
  skewed: INVALID,
  "bad-expiry": INCOMPLETE,
  "not-yet-valid": INVALID,
  "link-expired": INVALID,
  "unsigned-headers": INVALID,
  "no-body-hash": INVALID,
  "wrong-body-hash": INVALID,
  mismatch: INVALID,
};

const S3_REFUSALS: Readonly<Record<Flaw, Refusal>> = {
  unsigned: ["AccessDenied", 403],
  "two-ways": ["InvalidArgument", 400],
  malformed: ["AuthorizationHeaderMalformed", 400],
  "unknown-key": ["InvalidAccessKeyId", 403],
  "wrong-token": ["InvalidToken", 400],
  "expired-token": ["ExpiredToken", 400],
  "wrong-scope": ["AuthorizationHeaderMalformed", 400],
  skewed: ["RequestTimeTooSkewed", 403],
  "bad-expiry": ["AuthorizationQueryParametersError", 400],
  "not-yet-valid": ["AccessDenied", 403],
  "link-expired": ["AccessDenied", 403],
  "unsigned-headers": ["AccessDenied", 403],
  "no-body-hash": ["InvalidRequest", 400],
  "wrong-body-hash": ["XAmzContentSHA256Mismatch", 400],
  mismatch: ["SignatureDoesNotMatch", 403],
};

const DOES_NOT_MATCH: Refusal = ["SignatureDoesNotMatch", 403];
const INCOMPLETE_QUERY: Refusal = ["IncompleteSignature", 400];
const INVALID_CLIENT: Refusal = ["InvalidClientTokenId", 403];

/** The services of the Query protocol. */
const QUERY_REFUSALS: Readonly<Record<Flaw, Refusal>> = {
  unsigned: ["MissingAuthenticationToken", 403],
  "two-ways": INCOMPLETE_QUERY,
  malformed: INCOMPLETE_QUERY,
  "unknown-key": INVALID_CLIENT,
  "wrong-token": INVALID_CLIENT,
  "expired-token": ["ExpiredToken", 403],
  "wrong-scope": DOES_NOT_MATCH,
  skewed: DOES_NOT_MATCH,
  "bad-expiry": INCOMPLETE_QUERY,
  "not-yet-valid": DOES_NOT_MATCH,
  "link-expired": DOES_NOT_MATCH,
  "unsigned-headers": DOES_NOT_MATCH,
  "no-body-hash": DOES_NOT_MATCH,
  "wrong-body-hash": DOES_NOT_MATCH,
  mismatch: DOES_NOT_MATCH,
};

/** How a service writes its refusals: JSON with 400, REST with 403, S3's own codes in XML, Query's in XML. */
export type RefusalStyle = "json" | "rest" | "s3" | "query";

const REFUSALS: Readonly<Record<RefusalStyle, Readonly<Record<Flaw, Refusal>>>> = {
  json: JSON_REFUSALS,
  rest: JSON_REFUSALS,
  s3: S3_REFUSALS,
  query: QUERY_REFUSALS,
};

/** A service's refusal of a request for how it is signed. */
export function refusalOf(flaw: Flaw, style: RefusalStyle, message: string): AwsError {
  const [code, status] = REFUSALS[style][flaw];
  return new AwsError(code, message, style === "rest" ? 403 : status);
}
