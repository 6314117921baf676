import { SignatureV4, type SignatureV4Init } from "@smithy/signature-v4";
import { queryOf } from "./query.ts";

/** SHA-256, keyed or not, as the signer wants it. */
export type HashConstructor = NonNullable<SignatureV4Init["sha256"]>;

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Signing {
  readonly credentials: Credentials;
  readonly region: string;
  /** The service's name in signatures. */
  readonly service: string;
  readonly now: Date;
}

/** A request as it goes out, to be signed. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. A `host` among them is the one that is sent. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const ALWAYS_SIGNED = /^(?:host|x-amz-.*)$/;

/**
 * The headers by which AWS knows who sends a request: Signature Version 4. Host, body, time, token and other headers of AWS
 * are signed; all else may change on the way.
 */
export async function signWith(
  sha256: HashConstructor,
  { method, url, headers, body }: OutgoingRequest,
  { credentials, region, service, now }: Signing,
): Promise<Readonly<Record<string, string>>> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    region,
    service,
    sha256,
    applyChecksum: false,
  });
  const signed = await signer.sign(
    {
      method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: queryOf(url.searchParams),
      headers: { host: url.host, ...signedOf(headers) },
      body,
    },
    { signingDate: now },
  );
  const { host: _, ...added } = signed.headers;
  return added;
}

const signedOf = (headers: OutgoingRequest["headers"]) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => ALWAYS_SIGNED.test(name)));
