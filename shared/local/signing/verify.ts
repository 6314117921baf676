import { createHash } from "node:crypto";
import type { LocalRequest } from "../http/loopback-server.ts";
import type { AccessKey } from "./access-key.ts";
import { readSignature, SignatureFlaw, type GivenSignature } from "./read-signature.ts";
import { recompute } from "./recompute.ts";
import { refusalOf } from "./flaw.ts";
import type { SigningService } from "./services.ts";

export interface VerifyOptions<Key extends AccessKey> {
  readonly service: SigningService;
  readonly region: string;
  readonly keyOf: (accessKeyId: string) => Key | undefined;
  /** The time by which links end, ms: whoever signed one may be gone. */
  readonly linkNow: () => number;
}

/** S3 itself allows 15 minutes; no clock of ours needs them. */
const MOST_SKEW_MS = 300_000;
const BODY_HASH = "x-amz-content-sha256";
const UNSIGNED_BODY = "UNSIGNED-PAYLOAD";
/** Signed by everyone; S3 also wants the type of what is sent. */
const ALWAYS_SIGNED = /^(?:host|x-amz-.*)$/;

/**
 * Whose signature a request carries. It is computed again from method, path, query, signed headers and body; date, Region
 * and service of its scope, its time and its session token are looked at. Throws the service's own refusal.
 */
export async function verifySignature<Key extends AccessKey>(
  request: LocalRequest,
  options: VerifyOptions<Key>,
): Promise<Key> {
  try {
    return await verify(request, options);
  } catch (error) {
    if (error instanceof SignatureFlaw) throw refusalOf(error.flaw, options.service.style, error.message);
    throw error;
  }
}

async function verify<Key extends AccessKey>(
  request: LocalRequest,
  { service, region, keyOf, linkNow }: VerifyOptions<Key>,
): Promise<Key> {
  const query = new URLSearchParams(request.target.split("?").slice(1).join("?"));
  const given = readSignature(request, query, service.links);
  const key = keyOf(given.accessKeyId);
  if (key === undefined)
    throw new SignatureFlaw(
      "unknown-key",
      service.style === "s3"
        ? "The AWS Access Key Id you provided does not exist in our records."
        : INVALID_TOKEN,
    );
  requireToken(given, key, service);
  requireScope(given, service, region);
  requireSignedHeaders(request, given);
  requireTime(given, key, linkNow);
  requireBodyHash(request, given, service);
  if ((await recompute(request, given, key.secretAccessKey)) !== given.signature)
    throw new SignatureFlaw("mismatch", MISMATCH);
  return key;
}

const INVALID_TOKEN = "The security token included in the request is invalid.";
const MISMATCH =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

function requireToken({ sessionToken }: GivenSignature, key: AccessKey, { style }: SigningService): void {
  if (sessionToken === key.sessionToken) {
    if (key.expiresAt !== undefined && key.now() >= key.expiresAt)
      throw new SignatureFlaw(
        "expired-token",
        style === "s3"
          ? "The provided token has expired."
          : "The security token included in the request is expired",
      );
    return;
  }
  // To S3 a temporary key without its token is no key.
  if (sessionToken === undefined && style === "s3")
    throw new SignatureFlaw(
      "unknown-key",
      "The AWS Access Key Id you provided does not exist in our records.",
    );
  throw new SignatureFlaw(
    "wrong-token",
    style === "s3" ? "The provided token is malformed or otherwise invalid." : INVALID_TOKEN,
  );
}

function requireScope(given: GivenSignature, service: SigningService, region: string): void {
  const day = given.time.slice(0, 8);
  if (given.scopeDate !== day)
    throw new SignatureFlaw(
      "wrong-scope",
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${given.scopeDate}' != '${day}', from '${given.time}'.`,
    );
  if (given.region !== region)
    throw new SignatureFlaw(
      "wrong-scope",
      `Credential should be scoped to a valid region: '${given.region}' is not '${region}'.`,
    );
  if (given.service !== service.name)
    throw new SignatureFlaw(
      "wrong-scope",
      `Credential should be scoped to correct service: '${service.name}'.`,
    );
}

function requireSignedHeaders({ headers }: LocalRequest, { signedHeaders }: GivenSignature): void {
  const unsigned = Object.keys(headers).filter(
    (name) => ALWAYS_SIGNED.test(name) && !signedHeaders.includes(name),
  );
  if (unsigned.length > 0)
    throw new SignatureFlaw(
      "unsigned-headers",
      `There were headers present in the request which were not signed: ${unsigned.join(", ")}`,
    );
}

function requireTime(given: GivenSignature, key: AccessKey, linkNow: () => number): void {
  const { signedAt, time, expires } = given;
  if (expires !== undefined) {
    const now = linkNow();
    if (signedAt > now + MOST_SKEW_MS) throw new SignatureFlaw("not-yet-valid", "Request is not yet valid");
    if (now > signedAt + expires * 1_000) throw new SignatureFlaw("link-expired", "Request has expired");
    return;
  }
  const skewMs = key.now() - signedAt;
  if (skewMs > MOST_SKEW_MS)
    throw new SignatureFlaw(
      "skewed",
      `Signature expired: ${time} is more than 5 minutes earlier than ${timeOf(key.now())}.`,
    );
  if (skewMs < -MOST_SKEW_MS)
    throw new SignatureFlaw(
      "skewed",
      `Signature not yet current: ${time} is more than 5 minutes later than ${timeOf(key.now())}.`,
    );
}

const timeOf = (ms: number): string => new Date(ms).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");

/** S3 alone takes a body whose hash is not signed, and wants to be told so. */
function requireBodyHash(
  { headers, body }: LocalRequest,
  { expires }: GivenSignature,
  { style }: SigningService,
): void {
  const claimed = headers[BODY_HASH];
  if (claimed === undefined) {
    if (style !== "s3" || expires !== undefined) return;
    throw new SignatureFlaw("no-body-hash", `Missing required header for this request: ${BODY_HASH}`);
  }
  if (style === "s3" && claimed === UNSIGNED_BODY) return;
  if (claimed !== createHash("sha256").update(body).digest("hex"))
    throw new SignatureFlaw(
      "wrong-body-hash",
      style === "s3" ? `The provided '${BODY_HASH}' header does not match what was computed.` : MISMATCH,
    );
}
