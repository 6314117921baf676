/** What a service lets through: so much a second, and no more at once than the bucket holds. */
export interface TokenBucket {
  /** Takes so much if it is there, and says whether it was. What is larger than the bucket passes when that is full. */
  take(amount: number): boolean;
  /** Takes what was used already, though it were not there: what comes next waits for it. */
  charge(amount: number): void;
}

export interface TokenBucketOptions {
  readonly perSecond: number;
  /** @default what a second brings */
  readonly holds?: number;
  readonly now: () => number;
}

export function createTokenBucket({ perSecond, holds = perSecond, now }: TokenBucketOptions): TokenBucket {
  let level = holds;
  let since = now();
  const refill = () => {
    const at = now();
    level = Math.min(holds, level + (Math.max(0, at - since) * perSecond) / 1_000);
    since = at;
  };
  return {
    take(amount) {
      refill();
      if (level < Math.min(amount, holds)) return false;
      level -= amount;
      return true;
    },
    charge(amount) {
      refill();
      level -= amount;
    },
  };
}
