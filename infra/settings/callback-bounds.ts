/** A public endpoint for answers of tasks that agents passed on. */
export interface Callbacks {
  /**
   * Environments of Lambda that are reserved for it, which are also the most that there are: whoever floods it takes nothing else.
   * @default 5
   */
  readonly reservedConcurrency?: number;
}

const RESERVED = 5;

/** How many requests are served at once. Throws for no such number. */
export function callbackConcurrency({ reservedConcurrency = RESERVED }: Callbacks): number {
  if (Number.isInteger(reservedConcurrency) && reservedConcurrency >= 1) return reservedConcurrency;
  throw new Error(
    `callbacks.reservedConcurrency is ${reservedConcurrency}. Give a whole number, 1 or more; for no endpoint leave callbacks out.`,
  );
}
