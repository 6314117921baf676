import type { LocalRequest } from "../http/loopback-server.ts";
import type { Flaw } from "./flaw.ts";

/** What a request says of its signature, in its headers or in its URL. */
export interface GivenSignature {
  readonly accessKeyId: string;
  /** `YYYYMMDD`. */
  readonly scopeDate: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ`, and the same in ms. */
  readonly time: string;
  readonly signedAt: number;
  readonly sessionToken: string | undefined;
  /** How long a link works, in seconds; undefined where headers carry the signature. */
  readonly expires: number | undefined;
}

/** A flaw, with what AWS says of it. */
export class SignatureFlaw extends Error {
  readonly flaw: Flaw;

  constructor(flaw: Flaw, message: string) {
    super(message);
    this.flaw = flaw;
  }
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const MOST_EXPIRES_SECONDS = 604_800;
const TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const SIGNATURE = /^[0-9a-f]{64}$/;

/** Names of a link's parameters are told apart by their case. */
export const LinkParameter = {
  algorithm: "X-Amz-Algorithm",
  credential: "X-Amz-Credential",
  date: "X-Amz-Date",
  expires: "X-Amz-Expires",
  signedHeaders: "X-Amz-SignedHeaders",
  signature: "X-Amz-Signature",
  token: "X-Amz-Security-Token",
} as const;

/** Reads the signature of a request. Throws a flaw where there is none, or it has another form. */
export function readSignature(
  { headers }: LocalRequest,
  query: URLSearchParams,
  mayBeLink: boolean,
): GivenSignature {
  const { authorization } = headers;
  const isLink = query.has(LinkParameter.algorithm) || query.has(LinkParameter.signature);
  if (authorization !== undefined && isLink)
    throw new SignatureFlaw(
      "two-ways",
      "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization header should be specified.",
    );
  if (authorization !== undefined) return fromHeaders(authorization, headers);
  if (isLink && mayBeLink) return fromLink(query);
  throw new SignatureFlaw("unsigned", "Request is missing Authentication Token");
}

function fromHeaders(authorization: string, headers: LocalRequest["headers"]): GivenSignature {
  const [algorithm, ...rest] = authorization.split(" ");
  if (algorithm !== ALGORITHM)
    throw new SignatureFlaw("malformed", `Unsupported AWS 'algorithm': '${algorithm ?? ""}'.`);
  const fields = new Map(
    rest
      .join(" ")
      .split(",")
      .map((field) => {
        const [name = "", ...value] = field.trim().split("=");
        return [name, value.join("=")] as const;
      }),
  );
  const field = (name: string): string => {
    const value = fields.get(name);
    if (value) return value;
    throw new SignatureFlaw(
      "malformed",
      `Authorization header requires '${name}' parameter. Authorization=${ALGORITHM}`,
    );
  };
  return {
    ...credentialIn(field("Credential")),
    ...timeIn(headers["x-amz-date"]),
    signedHeaders: field("SignedHeaders").split(";"),
    signature: signatureIn(field("Signature")),
    sessionToken: headers["x-amz-security-token"],
    expires: undefined,
  };
}

function fromLink(query: URLSearchParams): GivenSignature {
  const parameter = (name: string): string => {
    const value = query.get(name);
    if (value) return value;
    throw new SignatureFlaw(
      "bad-expiry",
      `Query-string authentication version 4 requires the parameter ${name}.`,
    );
  };
  if (parameter(LinkParameter.algorithm) !== ALGORITHM)
    throw new SignatureFlaw("bad-expiry", `X-Amz-Algorithm only supports "${ALGORITHM}".`);
  return {
    ...credentialIn(parameter(LinkParameter.credential)),
    ...timeIn(parameter(LinkParameter.date)),
    signedHeaders: parameter(LinkParameter.signedHeaders).split(";"),
    signature: signatureIn(parameter(LinkParameter.signature)),
    sessionToken: query.get(LinkParameter.token) ?? undefined,
    expires: expiresIn(parameter(LinkParameter.expires)),
  };
}

function credentialIn(credential: string) {
  const parts = credential.split("/");
  const [accessKeyId = "", scopeDate = "", region = "", service = "", end] = parts;
  if (parts.length !== 5 || end !== "aws4_request")
    throw new SignatureFlaw(
      "malformed",
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'.`,
    );
  return { accessKeyId, scopeDate, region, service };
}

function timeIn(time = ""): Pick<GivenSignature, "time" | "signedAt"> {
  const [, year, month, day, hour, minute, second] = TIME.exec(time) ?? [];
  const signedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(signedAt))
    throw new SignatureFlaw(
      "malformed",
      `Date must be in ISO8601 'basic format' in 'X-Amz-Date', got '${time}'.`,
    );
  return { time, signedAt };
}

function signatureIn(signature: string): string {
  if (SIGNATURE.test(signature)) return signature;
  throw new SignatureFlaw("malformed", "The signature is not 64 hexadecimal digits.");
}

function expiresIn(text: string): number {
  const seconds = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(seconds) || seconds < 1)
    throw new SignatureFlaw("bad-expiry", "X-Amz-Expires should be a positive number.");
  if (seconds > MOST_EXPIRES_SECONDS)
    throw new SignatureFlaw(
      "bad-expiry",
      "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds.",
    );
  return seconds;
}
