import { SpineError } from "#core/errors.ts";
import { customerCareApplication } from "#flows/customer-care.ts";
import { scheduling } from "#contracts/scheduling.ts";
import { createMemoryCalendar } from "#functions/agents/scheduling/memory-calendar.ts";
import { createMovableClock, inProcessSpine } from "#testing/index.ts";
import { createLocalAgents } from "../../start/local-agents.ts";
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
  const calendar = createMemoryCalendar();
  const agents = await createLocalAgents({ clock, calendar });
  const spine = inProcessSpine({
    ...customerCareApplication,
    agents: agents.map((agent) =>
      agent.contract.spec.name === scheduling.spec.name
        ? { ...agent, run: () => Promise.reject(new SpineError("agent.failed", "Nobody knows.")) }
        : agent,
    ),
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
