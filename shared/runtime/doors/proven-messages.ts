/** A message as its queue gave it: its group is its session. */
export interface GivenMessage {
  readonly body: string;
  readonly group: string | undefined;
}

/**
 * What of the inbox cannot be proven to come from it, and what stands behind it in its session: nothing overtakes. `prove` gives those
 * that it cannot prove. A deadline says nothing that the state does not know, and needs no proof.
 */
export async function unprovenOf<Message extends GivenMessage>(
  inbox: readonly Message[],
  prove: (messages: readonly Message[]) => Promise<Iterable<Message>>,
): Promise<ReadonlySet<Message>> {
  const asked = inbox.filter(({ body }) => !DEADLINE.test(body));
  const unproven = asked.length === 0 ? new Set<Message>() : new Set(await prove(asked));
  const stopped = new Set<string>();
  for (const message of inbox) {
    const { group } = message;
    if (group === undefined) continue;
    if (unproven.has(message)) stopped.add(group);
    else if (stopped.has(group)) unproven.add(message);
  }
  return unproven;
}

/** The whole of what the inbox takes as a deadline; what else such a body says, nobody reads. */
const DEADLINE = /^\{"tenant":"[^"\\]*","session":"[^"\\]*","input":\{"kind":"deadline","at":\d+\}\}$/;
