/** An error as states know it: `name` is what Retry and Catch match, the message is its cause. */
export class StatesError extends Error {
  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
  }
}

export const TIMEOUT = "States.Timeout";
