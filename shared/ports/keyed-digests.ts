/**
 * Digests under the secret of the spine: nobody who lacks it finds a text by trying. For what stands in logs and on queues in the
 * place of names that producers give, which may be somebody's.
 *
 * Both reject with a retryable `secret.unavailable` where the secret cannot be read now.
 */
export interface KeyedDigests {
  /** 43 letters, digits, - and _: by the newest version of the secret that this process has read. */
  digest(text: string): Promise<string>;
  /** By each version that a process may still go by, the newest first. */
  digests(text: string): Promise<readonly string[]>;
}
