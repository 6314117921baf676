import { isSpineError, SpineError } from "#core/errors.ts";
import { lookAt } from "#core/session/decide/look.ts";
import type { AttemptProof, AnswerResult, ClaimResult, StopReason } from "#core/session/task-messages.ts";
import type { ServedDoor } from "#ports/agents.ts";
import { createAdvanceSession } from "../session/advance-session.ts";
import type { Engine } from "../session/engine.ts";
import { unlessExpired } from "../session/late-input.ts";
import { loadSession } from "../session/load-session.ts";
import { parseAnswer, parseProof } from "../session/messages.ts";
import { refusalError } from "./refusal.ts";

/** An answer that lost this many races goes to the answers queue, where its session's inputs come one by one. */
const MAX_LOST_RACES = 2;
/** A claim has no queue to go to: it competes for so long before its execution gives up and is delivered again. */
const COMPETE_FOR_CLAIM_MS = 2_000;

/** The agents' door: look, claim and answer, each with a valid token and nothing else. */
export function createDoor(engine: Engine): ServedDoor {
  const advance = createAdvanceSession(engine);

  const prove = async (proof: AttemptProof): Promise<void> => {
    const { token, ...attempt } = proof;
    if (!(await engine.tokens.verify(attempt, token))) throw wrongToken();
  };

  return {
    async look(given) {
      const proof = parseProof(given);
      await prove(proof);
      return unlessExpired(
        engine,
        "a look",
        async () => toLookResult(lookAt((await loadSession(engine, proof)).state, proof)),
        ATTEMPT_ENDED,
      );
    },

    async beat(given) {
      const proof = parseProof(given);
      await prove(proof);
      const asking = async () => lookAt((await loadSession(engine, proof)).state, proof);
      const because = await unlessExpired(engine, "a heartbeat", asking, "settled" as const);
      // Whoever holds a claim is awaited.
      if (because !== undefined && because !== "claimed") return toLookResult(because);
      const { token: _, ...attempt } = proof;
      await engine.heartbeats.beat(attempt, engine.clock.now());
      return toLookResult(undefined);
    },

    async claim(given, execution): Promise<ClaimResult> {
      const proof = parseProof(given);
      await prove(proof);
      const { task, attempt } = proof;
      const giveUpAt = engine.clock.now() + COMPETE_FOR_CLAIM_MS;
      const input = { kind: "claim", task, attempt, execution } as const;
      const claiming = () => advance(proof, [input], () => engine.clock.now() < giveUpAt);
      const [outcome] = await unlessExpired(engine, "a claim", claiming, []);
      const verdict = outcome?.verdict;
      if (verdict?.type === "refused" && verdict.code === "effect.undeclared") throw refusalError(verdict);
      if (verdict?.type === "committed")
        return toLookResult(verdict.because === "stale" ? "stale" : undefined);
      if (verdict?.type === "nothing" && verdict.because === "granted") return { go: true };
      return toLookResult(
        verdict?.type === "nothing" && verdict.because !== "granted" && verdict.because !== "not-due"
          ? verdict.because
          : "settled",
      );
    },

    async answer(given): Promise<AnswerResult> {
      const acceptedAt = engine.clock.now();
      const answer = parseAnswer(given);
      await prove({
        tenant: answer.tenant,
        session: answer.session,
        task: answer.task,
        attempt: answer.attempt,
        token: answer.token,
      });
      try {
        const { task, attempt, outcome } = answer;
        const input = { kind: "answer", task, attempt, outcome, acceptedAt } as const;
        const answering = () => advance(answer, [input], (lost) => lost < MAX_LOST_RACES);
        const [result] = await unlessExpired(engine, "an answer", answering, []);
        const type = result?.verdict.type === "committed" ? "recorded" : "settled";
        return { type, ...(result?.problems !== undefined && { problems: result.problems }) };
      } catch (error) {
        if (isSpineError(error, "session.contended")) return { type: "busy" };
        throw error;
      }
    },
  };
}

const ATTEMPT_ENDED: ClaimResult = { go: false, because: "settled" };
const toLookResult = (because: StopReason | undefined): ClaimResult =>
  because === undefined ? { go: true } : { go: false, because };

export function wrongToken(): SpineError {
  const repair = "Send back tenant, session, task, attempt and token exactly as the task carried them.";
  return new SpineError("task.token", `The token does not prove this attempt. ${repair}`, {
    problems: [{ field: "token", problem: "does not prove this attempt", repair }],
  });
}
