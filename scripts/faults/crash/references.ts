import { scheduling } from "#contracts/scheduling.ts";
import { customerCareApplication } from "#flows/customer-care.ts";
import { createAgent as documents } from "#functions/agents/documents/agent.ts";
import { agent as inquiry } from "#functions/agents/inquiry/agent.ts";
import { createAgent as recommendation } from "#functions/agents/recommendation/agent.ts";
import { agent as reply } from "#functions/agents/reply/agent.ts";
import { createMovableClock, inProcessSpine } from "#testing/index.ts";
import { FACTS, MESSAGE } from "./conversation.ts";
import { endsIn, type Outcome } from "./outcome.ts";

/** Longer than the claim of an execution that died is waited for. */
const DOUBT_MS = 120_000;

/**
 * How the conversation must end when the claim of the one effect is left without an outcome: its contract says `fail`, so
 * the step's fallback stands in. Found by another way than the one that is tested: in process, with an agent that never
 * says what became of its act.
 */
export async function outcomeInDoubt(): Promise<Outcome> {
  const clock = createMovableClock(Date.parse("2026-03-02T08:00:00Z"));
  const silent = scheduling.implement(() => Promise.reject(new Error("Nobody knows.")));
  const spine = inProcessSpine({
    ...customerCareApplication,
    agents: [inquiry, silent, recommendation(), documents(), reply],
    clock,
  });
  try {
    await spine.send(MESSAGE.type, MESSAGE.data, {
      session: "doubt",
      facts: FACTS.session,
      constraints: FACTS.constraints,
    });
    await spine.idle();
    await clock.runBy(DOUBT_MS);
    await spine.idle();
    const { context } = await spine.reader.current(spine.key("doubt"));
    return { context, ...endsIn(await spine.reader.events(spine.key("doubt"))) };
  } finally {
    await spine.close();
  }
}
