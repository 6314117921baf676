/** A version of the secret from which tokens are made. */
export interface SecretVersion {
  /** 32 to 64 characters without a space. */
  readonly id: string;
  readonly secret: string;
}

/** Where the secret is kept. All reject, retryably, where it cannot be read. */
export interface TokenSecrets {
  /** What tokens are made with from now on. */
  current(): Promise<SecretVersion>;
  /** What they were made with before it. */
  previous(): Promise<SecretVersion | undefined>;
  /** Any that is still kept. */
  version(id: string): Promise<SecretVersion | undefined>;
}
