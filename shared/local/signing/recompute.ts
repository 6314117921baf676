import { SignatureV4 } from "@smithy/signature-v4";
import { queryOf } from "#client/signing/query.ts";
import { Sha256 } from "#node/sha256.ts";
import type { LocalRequest } from "../http/loopback-server.ts";
import { LinkParameter, type GivenSignature } from "./read-signature.ts";

const BODY_HASH = "x-amz-content-sha256";
const HASH_OF_LINK = "UNSIGNED-PAYLOAD";
/** What the signer sets by itself. */
const SET: readonly string[] = Object.values(LinkParameter).filter((name) => name !== LinkParameter.token);

/** The signature that a request of this content has under a secret, by the SDK's own signer. */
export async function recompute(
  { method, target, headers, body }: LocalRequest,
  given: GivenSignature,
  secretAccessKey: string,
): Promise<string> {
  const { accessKeyId, region, service, signedHeaders } = given;
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey },
    region,
    service,
    sha256: Sha256,
    applyChecksum: false,
    // S3's keys are signed as they are sent, others' paths encoded once more.
    uriEscapePath: service !== "s3",
  });
  const [path = "/", ...search] = target.split("?");
  const query = new URLSearchParams(search.join("?"));
  const names = new Set(signedHeaders);
  const signed = Object.fromEntries(
    [...names].flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  const request = { method, protocol: "http:", hostname: "localhost", path, body };
  const options = { signingDate: new Date(given.signedAt), signableHeaders: names };
  if (given.expires === undefined) {
    const { headers: made } = await signer.sign(
      { ...request, query: queryOf(query), headers: signed },
      options,
    );
    return signatureIn(made["authorization"]);
  }
  for (const name of SET) query.delete(name);
  const hash = service === "s3" ? { [BODY_HASH]: query.get("X-Amz-Content-Sha256") ?? HASH_OF_LINK } : {};
  const { query: made = {} } = await signer.presign(
    { ...request, query: queryOf(query), headers: { ...hash, ...signed } },
    {
      ...options,
      expiresIn: given.expires,
      // Headers stay where they were sent; the hash of an unsigned body is none of them.
      unhoistableHeaders: new Set([...names, BODY_HASH]),
      unsignableHeaders: new Set(names.has(BODY_HASH) ? [] : [BODY_HASH]),
    },
  );
  return String(made[LinkParameter.signature]);
}

const signatureIn = (authorization = ""): string => authorization.split("Signature=")[1] ?? "";
