import { isSpineError } from "#core/errors.ts";
import { lookAt } from "#core/session/decide/look.ts";
import type { AttemptRef } from "#core/ids.ts";
import type {
  AttemptProof,
  AnswerResult,
  ClaimResult,
  LookResult,
  SignalsResult,
  StopReason,
  TaskMessage,
} from "#core/session/task-messages.ts";
import type { ServedDoor } from "#ports/agents.ts";
import { createAdvanceSession } from "../session/advance-session.ts";
import type { Engine } from "../session/engine.ts";
import { handedOver } from "../session/handed-over.ts";
import { unlessExpired } from "../session/late-input.ts";
import { loadSession } from "../session/load-session.ts";
import { parseAfter, parseAnswer, parseExecution, parseProof } from "./agent-protocol.ts";
import { refusalError } from "./refusal.ts";
import { wrongToken } from "./wrong-token.ts";

/** An answer that lost this many races goes to the answers queue, where its session's inputs come one by one. */
const MAX_LOST_RACES = 2;
/** A claim has no queue to go to: it competes for so long before its execution gives up and is delivered again. */
const COMPETE_FOR_CLAIM_MS = 2_000;

/** The agents' door: look, claim, answer and what else an agent asks of its task, each with a valid token and nothing else. */
export function createDoor(engine: Engine): ServedDoor {
  const advance = createAdvanceSession(engine);

  const prove = async (proof: AttemptProof): Promise<void> => {
    const { token, ...attempt } = proof;
    if (!(await engine.tokens.verify(attempt, token))) throw wrongToken();
  };

  const nextOf = (ref: AttemptRef): Promise<TaskMessage | undefined> =>
    unlessExpired(
      engine,
      "a hand-over",
      async () => handedOver(engine, ref, (await loadSession(engine, ref)).state, ref),
      undefined,
    );

  return {
    async look(given) {
      const proof = parseProof(given);
      await prove(proof);
      return unlessExpired(
        engine,
        "a look",
        async () => {
          const { state } = await loadSession(engine, proof);
          return withNext(toLookResult(lookAt(state, proof)), await handedOver(engine, proof, state, proof));
        },
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

    async signals(given, last): Promise<SignalsResult> {
      const proof = parseProof(given);
      const after = parseAfter(last);
      await prove(proof);
      const asking = async (): Promise<SignalsResult> => {
        const { state } = await loadSession(engine, proof);
        const because = lookAt(state, proof);
        // Whoever holds a claim is at work.
        if (because !== undefined && because !== "claimed") return { go: false, because, signals: [] };
        const { signals = [] } = state.tasks[proof.task] ?? {};
        return { go: true, signals: signals.slice(after) };
      };
      return unlessExpired(engine, "a question for signals", asking, NO_SIGNALS);
    },

    async claim(given, named): Promise<ClaimResult> {
      const proof = parseProof(given);
      const execution = parseExecution(named);
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
      const refused = toLookResult(
        verdict?.type === "nothing" && verdict.because !== "granted" && verdict.because !== "not-due"
          ? verdict.because
          : "settled",
      );
      // Only who has answered has been handed anything.
      const mayHave = outcome !== undefined && !refused.go && refused.because === "settled";
      return mayHave ? withNext(refused, await nextOf(proof)) : refused;
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
        const { task, attempt, outcome, nextWithinMs } = answer;
        const hand = nextWithinMs === undefined ? {} : { nextWithinMs };
        const input = { kind: "answer", task, attempt, outcome, acceptedAt, ...hand } as const;
        const answering = () => advance(answer, [input], (lost) => lost < MAX_LOST_RACES);
        const [result] = await unlessExpired(engine, "an answer", answering, []);
        const type = result?.verdict.type === "committed" ? "recorded" : "settled";
        // An answer that comes again was not heard of: its host gets what it was handed.
        const again = result !== undefined && type === "settled" && nextWithinMs !== undefined;
        const next = again ? await nextOf(answer) : result?.next;
        return withNext({ type, ...(result?.problems !== undefined && { problems: result.problems }) }, next);
      } catch (error) {
        if (isSpineError(error, "session.contended")) return { type: "busy" };
        throw error;
      }
    },
  };
}

const NO_SIGNALS: SignalsResult = { go: false, because: "settled", signals: [] };
const ATTEMPT_ENDED: ClaimResult = { go: false, because: "settled" };
const withNext = <Result extends LookResult | AnswerResult>(result: Result, next?: TaskMessage): Result =>
  next === undefined || ("go" in result && result.go) ? result : { ...result, next };
const toLookResult = (because: StopReason | undefined): ClaimResult =>
  because === undefined ? { go: true } : { go: false, because };
