import type { LoggedEvent } from "#client/client.ts";
import type { Fact } from "#client/narration/sentences.ts";

/** An event that was no plain progress, in words. */
export interface Reason {
  readonly logged: LoggedEvent;
  readonly fact: Fact;
}

const REASONS: readonly Fact["kind"][] = ["decision", "trouble", "detail"];

/** Why a session went as it did: the events of a log, from the first on, that were no plain progress. */
export async function reasonsIn(logged: readonly LoggedEvent[]): Promise<readonly Reason[]> {
  // The language of conditions comes with it, which takes longer to load than all else.
  const { createTeller } = await import("#client/narration/tell.ts");
  const tell = createTeller();
  return logged.flatMap((one) => {
    const fact = tell(one);
    return fact === undefined || !REASONS.includes(fact.kind) ? [] : [{ logged: one, fact }];
  });
}
