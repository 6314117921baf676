/** Where the resources are: an account and a region of their own, and loopback addresses. */
export interface Addresses {
  readonly account: string;
  readonly region: string;
  /** Queue URLs begin with it. */
  readonly sqsUrl: string;
  /** The address of a function URL, by the path of its resource. */
  functionUrl(path: string): string;
}

/** Twelve zeros belong to nobody. */
export const LOCAL_ACCOUNT = "000000000000";
export const LOCAL_REGION = "us-east-1";
