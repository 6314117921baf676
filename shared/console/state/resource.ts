import { useEffect, useState } from "preact/hooks";
import { Refused } from "../api/console-client.ts";

/** What was asked for: on its way, there, or refused. What was there stays while it is asked for again. */
export interface Resource<T> {
  readonly value?: T;
  readonly error?: Refused;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

interface Read<T> {
  readonly value?: T;
  readonly error?: Refused;
  readonly key: string;
}

/** Asks again whenever the key changes; nothing is asked for without one. */
export function useResource<T>(key: string | undefined, ask: () => Promise<T>): Resource<T> {
  const [read, setRead] = useState<Read<T>>({ key: "" });
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (key === undefined) return;
    let isWanted = true;
    ask().then(
      (value) => isWanted && setRead({ value, key }),
      // What was read before is still worth showing.
      (error: unknown) =>
        isWanted &&
        setRead((before) => ({ ...(before.key === key && before), error: refusedBy(error), key })),
    );
    return () => void (isWanted = false);
  }, [key, round]);
  const { value, error } = read;
  return {
    ...(value !== undefined && { value }),
    ...(error !== undefined && { error }),
    isLoading: key !== undefined && read.key !== key,
    reload: () => setRound(round + 1),
  };
}

export const refusedBy = (error: unknown): Refused =>
  error instanceof Refused ? error : new Refused(0, error instanceof Error ? error.message : String(error));

/** Asks again and again while the page can be seen. */
export function useEvery(ms: number, act: () => void, key = ""): void {
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") act();
    }, ms);
    return () => clearInterval(timer);
  }, [ms, key, act]);
}
