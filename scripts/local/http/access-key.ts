const HEADER_CREDENTIAL = /Credential=([^/,\s]+)\//;

/**
 * The access key id that a request names in its SigV4 header or query. The signature itself is not verified: on one
 * machine the key id says who calls, it proves nothing.
 */
export function accessKeyOf(authorization: string | undefined, query?: URLSearchParams): string | undefined {
  const inHeader = authorization === undefined ? undefined : HEADER_CREDENTIAL.exec(authorization)?.[1];
  return inHeader ?? (query?.get("X-Amz-Credential")?.split("/")[0] || undefined);
}

/** A header that names a caller to a local endpoint, for tools that have no SigV4 signer at hand. */
export function localAuthorization(accessKeyId: string, service: string): string {
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20000101/local/${service}/aws4_request, SignedHeaders=host, Signature=local`;
}
