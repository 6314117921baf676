import { randomBytes } from "node:crypto";

/** Credentials that a caller signs with, as the endpoints know them. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary credentials have one, and every request must carry it. */
  readonly sessionToken?: string;
  /** When temporary credentials end, ms, by the clock of whoever signs. @default never */
  readonly expiresAt?: number;
  /**
   * The clock of whoever signs, ms: the machine's, but for a function, whose process sees the time that the local runtime
   * last told it. A skew is a difference to the caller's own clock; that the runtime's may be moved ahead is none.
   */
  readonly now: () => number;
}

const SECRET_BYTES = 30;

/** A secret as AWS makes them: 40 characters of base64. */
export const randomSecret = (): string => randomBytes(SECRET_BYTES).toString("base64");

/** The id of temporary credentials. */
export const randomKeyId = (): string => `ASIA${randomBytes(8).toString("hex").toUpperCase()}`;
