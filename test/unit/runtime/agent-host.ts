import type * as z from "zod";
import type { DoubtResolver, Implementation } from "#core/contract.ts";
import { parseAgentName, parseRunId, parseTaskId } from "#core/ids.ts";
import type { Json, JsonObject } from "#core/json.ts";
import type { LaterImplementation, LaterTask } from "#core/later.ts";
import type {
  AnswerMessage,
  AnswerResult,
  AttemptProof,
  ClaimResult,
  LookResult,
  SignalsResult,
  TaskMessage,
} from "#core/session/task-messages.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { createSeededIds } from "#memory/seeded-ids.ts";
import { createAgentHost, type AgentHostPorts } from "#runtime/agents/create-agent-host.ts";
import { contractOf, digest, KEY, START } from "./engine.ts";

export const attempt = { ...KEY, task: parseTaskId("t1"), attempt: 1 };
export const TASK: TaskMessage = {
  ...attempt,
  agent: parseAgentName("writer"),
  lane: "normal",
  run: parseRunId("r1"),
  step: "",
  effect: "none",
  deadline: START + 10_000,
  asOf: 3,
  view: { input: { text: "hello" } },
  linked: false,
  budget: {},
  answerBy: "door",
  correlation: "c",
  committedAt: START,
  idempotencyKey: "acme/visit-1/t1",
  token: digest.sha256("token"),
};

interface Doorway {
  readonly look?: ClaimResult;
  readonly claim?: ClaimResult;
  /** What claiming and looking throw, one after another, before they give what they give. */
  readonly unreachable?: readonly Error[];
  /** What a heartbeat gives, or throws. @default the answer still counts */
  readonly beat?: () => Promise<LookResult>;
  /** What asking for signals gives, or throws. @default nobody told it anything */
  readonly signals?: (after: number) => Promise<SignalsResult>;
  /** What answering gives, or throws. */
  readonly answer?: AnswerResult["type"] | Error;
  readonly queue?: Error;
  readonly fetchView?: AgentHostPorts["fetchView"];
  readonly input?: z.ZodType;
  readonly tracer?: AgentHostPorts["tracer"];
  readonly resolve?: DoubtResolver<JsonObject, Json>;
  readonly progress?: AgentHostPorts["progress"];
  /** What its contract says beside its name. */
  readonly contract?: Parameters<typeof contractOf>[1];
}

/** A host beside a door that says what it is told to say, and remembers who came. */
export function hostOf(run: LaterImplementation<JsonObject, Json>, doorway: Doorway = {}) {
  const clock = createMovableClock(START);
  const calls: string[] = [];
  const door: AnswerMessage[] = [];
  const queue: AnswerMessage[] = [];
  const claims: { readonly proof: AttemptProof; readonly execution: string }[] = [];
  const errors = [...(doorway.unreachable ?? [])];
  const resultOf = (result: ClaimResult = { go: true }) => {
    const error = errors.shift();
    return error === undefined ? Promise.resolve(result) : Promise.reject(error);
  };
  const contract = contractOf("writer", {
    ...doorway.contract,
    ...(doorway.input !== undefined && { input: doorway.input }),
  });
  const agent = {
    contract,
    run: (task: LaterTask<JsonObject>) => {
      calls.push("run");
      return run(task);
    },
    ...(doorway.resolve !== undefined && { resolve: doorway.resolve }),
  };
  const serve = createAgentHost([agent], {
    ...(doorway.progress !== undefined && { progress: doorway.progress }),
    clock,
    ids: createSeededIds("host"),
    door: {
      look: () => {
        calls.push("look");
        return resultOf(doorway.look);
      },
      beat: () => {
        calls.push("beat");
        return doorway.beat?.() ?? Promise.resolve({ go: true });
      },
      claim: (proof, execution) => {
        calls.push("claim");
        claims.push({ proof, execution });
        return resultOf(doorway.claim);
      },
      signals: (_, after) => {
        calls.push(`signals after ${after}`);
        return doorway.signals?.(after) ?? Promise.resolve({ go: true, signals: [] });
      },
      answer: (answer) => {
        if (doorway.answer instanceof Error) return Promise.reject(doorway.answer);
        door.push(answer);
        return Promise.resolve({ type: doorway.answer ?? "recorded" });
      },
    },
    answers: {
      send: (answer) => {
        if (doorway.queue !== undefined) return Promise.reject(doorway.queue);
        queue.push(answer);
        return Promise.resolve();
      },
    },
    ...(doorway.tracer !== undefined && { tracer: doorway.tracer }),
    fetchView: doorway.fetchView ?? (() => Promise.reject(new Error("No view is linked."))),
  });
  const host = async (message: TaskMessage, receiveCount: number) => {
    let result: string | undefined;
    const answersAt = { door: "the-door", url: "https://answers" };
    await serve({ message, receiveCount, answersAt }, (_, done) => void (result = done));
    return result;
  };
  return { host, clock, calls, door, queue, claims };
}

export const greet: Implementation<JsonObject, Json> = ({ context }) => ({ said: context["input"] ?? null });
export const outcomesOf = (answers: readonly AnswerMessage[]) => answers.map(({ outcome }) => outcome);
