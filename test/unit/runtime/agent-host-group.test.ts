import { describe, expect, it } from "vitest";
import type { AnswerMessage, AnswerResult, LookResult, TaskMessage } from "#core/session/task-messages.ts";
import { createMovableClock } from "#memory/movable-clock.ts";
import { createSeededIds } from "#memory/seeded-ids.ts";
import { createAgentHost, type HostResult } from "#runtime/agents/create-agent-host.ts";
import { TASK } from "./agent-host.ts";
import { contractOf, START } from "./engine.ts";

const ENDS_AT = START + 60_000;
/** What the door hands over with the n-th answer. */
type Handing = readonly (TaskMessage | undefined)[];

interface World {
  readonly handing?: Handing;
  readonly look?: LookResult;
  readonly agents?: readonly string[];
  readonly answerFails?: boolean;
  /** What its queue delivers. */
  readonly first?: TaskMessage;
}

const nextOf = (agent: string, rest: Partial<TaskMessage> = {}): TaskMessage =>
  ({ ...TASK, agent, task: `${agent}-1`, handedBy: `${TASK.task}/1`, ...rest }) as TaskMessage;

/** The function of a group: who ran, what was answered, what the door was asked. */
function group({
  handing = [],
  look = { go: true },
  agents = ["writer", "editor"],
  answerFails = false,
  first = TASK,
}: World) {
  const clock = createMovableClock(START);
  const ran: string[] = [];
  const asked: string[] = [];
  const answers: AnswerMessage[] = [];
  const done: (HostResult | "failed")[] = [];
  const host = createAgentHost(
    agents.map((name) =>
      contractOf(name, { group: "desk" }).implement(() => {
        ran.push(name);
        return {};
      }),
    ),
    {
      clock,
      ids: createSeededIds("host"),
      door: {
        look: () => (asked.push("look"), Promise.resolve(look)),
        beat: () => (asked.push("beat"), Promise.resolve({ go: true })),
        claim: () => (asked.push("claim"), Promise.resolve(look)),
        signals: () => (asked.push("signals"), Promise.resolve({ go: true, signals: [] })),
        answer: (answer) => {
          if (answerFails) return Promise.reject(new Error("no way"));
          answers.push(answer);
          const next = handing[answers.length - 1];
          return Promise.resolve<AnswerResult>({ type: "recorded", ...(next !== undefined && { next }) });
        },
      },
      answers: { send: () => Promise.reject(new Error("nor this")) },
      fetchView: () => Promise.reject(new Error("No view is linked.")),
    },
  );
  const serve = (receiveCount = 1, endsAt = ENDS_AT) =>
    host({ message: first, receiveCount, endsAt }, (_, result) => void done.push(result));
  return { serve, ran, asked, answers, done };
}

describe("the host of a group", () => {
  it("goes on with what the door hands over, as long as it does", async () => {
    const { serve, ran, done, asked } = group({ handing: [nextOf("editor"), nextOf("writer")] });
    await serve();
    expect(ran).toEqual(["writer", "editor", "writer"]);
    expect(done).toEqual(["answered", "answered", "answered"]);
    expect(asked).toEqual([]);
  });

  it("says how much of its invocation another task can have", async () => {
    const { serve, answers } = group({});
    await serve();
    expect(answers.map(({ nextWithinMs }) => nextWithinMs)).toEqual([55_000]);
  });

  it("of one agent says nothing of the kind, and takes nothing", async () => {
    const { serve, answers, ran } = group({ agents: ["writer"], handing: [nextOf("writer")] });
    await serve();
    expect(answers[0]).not.toHaveProperty("nextWithinMs");
    expect(ran).toEqual(["writer"]);
  });

  it.each([
    ["that ends after its invocation", nextOf("editor", { deadline: ENDS_AT - 1_000 })],
    ["of an agent that it does not host", nextOf("stranger")],
  ])("leaves a task %s to the queue", async (_, next) => {
    const { serve, ran } = group({ handing: [next] });
    await serve();
    expect(ran).toEqual(["writer"]);
  });

  it("claims the effect of a task that was handed over", async () => {
    const { serve, asked, ran } = group({ handing: [nextOf("editor", { effect: "once" })] });
    await serve();
    expect(asked).toEqual(["claim"]);
    expect(ran).toEqual(["writer", "editor"]);
  });

  it("goes on with what its first message handed over when that comes again", async () => {
    const look: LookResult = { go: false, because: "settled", next: nextOf("editor") };
    const { serve, ran, done } = group({ look });
    await serve(2);
    expect(ran).toEqual(["editor"]);
    expect(done).toEqual(["not-run", "answered"]);
  });

  it("looks before it runs a task that was handed over and comes by its queue", async () => {
    const { serve, asked, ran } = group({ look: { go: false, because: "settled" }, first: nextOf("editor") });
    await serve();
    expect([asked, ran]).toEqual([["look"], []]);
  });

  it("fails with its first message when an answer can be handed in by no way", async () => {
    const { serve, done } = group({ answerFails: true });
    await expect(serve()).rejects.toThrow("nor this");
    expect(done).toEqual(["failed"]);
  });

  it("refuses the task of an agent that it does not host, and says what to do", async () => {
    const { serve } = group({ agents: ["editor", "reader"] });
    await expect(serve()).rejects.toThrow(/hosts no agent "writer".*hostAgents/);
  });
});
