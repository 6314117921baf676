import { Sha256 } from "#node/sha256.ts";
import { signWith, type OutgoingRequest, type Signing } from "./sign-with.ts";

export type { Credentials, OutgoingRequest, Signing } from "./sign-with.ts";

/** `signWith`, by what Node hashes with. */
export const sign = (request: OutgoingRequest, signing: Signing): Promise<Readonly<Record<string, string>>> =>
  signWith(Sha256, request, signing);
