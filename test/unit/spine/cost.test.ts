import { describe, expect, it } from "vitest";
import { commitItem } from "#aws/dynamo/log-items.ts";
import type { LoggedEvent } from "#client/client.ts";
import type { Commit } from "#core/session/commit.ts";
import { toCloudEvent } from "#core/session/envelope.ts";
import type { CommandContext } from "../../../scripts/spine/command.ts";
import { cost } from "../../../scripts/spine/commands/cost.ts";
import { costOf } from "../../../scripts/cost/cost-of.ts";
import { costText } from "../../../scripts/cost/cost-text.ts";
import { kindOfInput } from "../../../scripts/cost/input-kinds.ts";
import { commitsOf } from "../../../scripts/cost/logged-commits.ts";
import { looksIn } from "../../../scripts/cost/waits.ts";
import { itemBytes, writeUnits } from "../../../scripts/price/units.ts";
import { textOf } from "../../architecture/source.ts";

const recorded = (name: string): readonly Commit[] => {
  const { commits } = JSON.parse(textOf(`test/golden/${name}.form-2.json`)) as { readonly commits: string[] };
  return commits.map((text) => JSON.parse(text) as Commit);
};
/** As the client gives the events of a log. */
const loggedOf = (commits: readonly Commit[]): readonly LoggedEvent[] =>
  commits.flatMap((commit) =>
    commit.events.map((event) => {
      const envelope = toCloudEvent(commit, event);
      const { tenant, session, seen } = commit;
      return {
        event,
        key: { tenant, session },
        at: seen.now,
        cause: Number(envelope["causationid"]),
        envelope,
      };
    }),
  );
const NAMES = ["inquiry-to-booking", "fork-map-and-stale", "urgent-and-people"] as const;

describe("the commits that a log's events tell", () => {
  it.each(NAMES)("begin where those of %s do, and take as many write units", (name) => {
    const commits = recorded(name);
    const told = commitsOf(loggedOf(commits));
    expect(told.map(({ events }) => events[0]?.sequence)).toEqual(commits.map(({ first }) => first));
    for (const [at, commit] of commits.entries()) {
      // The recorded ones have no snapshots.
      if (told[at]?.snapshot === true) continue;
      const { first, last } = commit;
      const item = commitItem(commit, { first, last, text: JSON.stringify(commit), snapshot: false });
      const bytes = itemBytes(item);
      expect(writeUnits(told[at]?.storedBytes ?? 0)).toBe(writeUnits(bytes));
      expect(Math.abs((told[at]?.storedBytes ?? 0) - bytes) / bytes).toBeLessThan(0.25);
    }
  });

  it("have the kinds of input that were recorded", () => {
    for (const name of NAMES) {
      const kinds = recorded(name).flatMap(({ inputs }) => inputs.map(({ kind }) => kind));
      const told = commitsOf(loggedOf(recorded(name))).flatMap(({ inputs }) =>
        inputs.map(({ kind }) => kind),
      );
      const plain = { event: "bus", human: "request", command: "request" } as Readonly<
        Record<string, string>
      >;
      expect(told).toEqual(kinds.map((kind) => plain[kind] ?? kind));
    }
  });

  it("hold a snapshot where a reader would fold as much as the state has", () => {
    const told = commitsOf(loggedOf(recorded("urgent-and-people")));
    expect(told.some(({ snapshot }) => snapshot)).toBe(true);
    expect(told.slice(0, 3).some(({ snapshot }) => snapshot)).toBe(false);
  });

  it("came over HTTP where an ARN sent them", () => {
    const [first] = recorded("inquiry-to-booking")[0]?.events ?? [];
    if (first?.type !== "InputAccepted") throw new Error("The log begins with another event.");
    const source = "arn:aws:iam::111122223333:role/web";
    const data = { ...first.data, input: { ...first.data.input, source } };
    expect([kindOfInput(first), kindOfInput({ ...first, data })]).toEqual(["bus", "request"]);
  });
});

describe("the cost of a session", () => {
  const found = costOf("s1", loggedOf(recorded("inquiry-to-booking")));
  const perMillion = Object.fromEntries(
    found.lines.map(({ item, usd }) => [item, Math.round(usd * 1e6 * 1_000) / 1_000]),
  );

  it("is the sum of its requests at list prices: two events of spine-in, two agents, one of which claims, and five commits", () => {
    expect(found.commits).toBe(5);
    expect(perMillion).toMatchObject({
      // Two tasks, each sent, received and deleted: 6 × $0.50.
      "SQS, tasks": 3,
      // The intake's message of each event, sent, received, proven and deleted: 8 × $0.40; the inbox's: 8 × $0.50.
      "SQS, intake": 3.2,
      "SQS, its delivery through the inbox": 4,
      // Five commits of less than a kilobyte: 5 × $0.625.
      "DynamoDB, commits": 3.125,
      // Two events, and a publication a commit: 7 × $1.
      "EventBridge, publications": 7,
      // Two agents, two batches each for intake and coordinator, three questions to the door, five commits that the relay takes, and the deadline: 15 × $0.20.
      "Lambda requests": 3,
    });
    expect(found.usd).toBeCloseTo(
      found.lines.reduce((sum, { usd }) => sum + usd, 0),
      12,
    );
  });

  it("is told by attempt: each request is one attempt's, or none's", () => {
    // Sent, received and deleted, invoked the door, read and written, read and published by the relay, which armed a deadline or sent again;
    // the second claimed before it answered, and the door knew the session by then.
    expect(found.requests).toMatchObject({
      total: 52,
      attempts: [
        { attempt: 1, requests: 10 },
        { attempt: 1, requests: 11 },
      ],
      others: 31,
    });
    for (const name of NAMES) {
      const { requests } = costOf("s1", loggedOf(recorded(name)));
      const dispatched = loggedOf(recorded(name)).flatMap(({ event: { type, data } }) =>
        type === "AttemptDispatched" ? [`${data.task}/${data.attempt}`] : [],
      );
      expect(requests.attempts.map(({ task, attempt }) => `${task}/${attempt}`).sort()).toEqual(
        [...dispatched].sort(),
      );
      const ofAttempts = requests.attempts.reduce((sum, one) => sum + one.requests, 0);
      expect(ofAttempts + requests.others).toBe(requests.total);
    }
  });

  it("has a key made and another unwrapped where values are sealed", () => {
    const sealed = costOf("s1", loggedOf(recorded("inquiry-to-booking")), true);
    const line = sealed.lines.find(({ item }) => item.startsWith("KMS"));
    // Made by the coordinator, unwrapped by the door: 2 × $3.
    expect((line?.usd ?? 0) * 1e6).toBeCloseTo(6, 6);
    expect(sealed.usd).toBeGreaterThan(found.usd);
  });

  it("has a second send of the relay for each task whose agent was not heard of in 300 ms", () => {
    const later = (ms: number) =>
      loggedOf(recorded("inquiry-to-booking")).map((one) => ({
        ...one,
        at: one.at + (one.event.sequence > 7 ? ms : 0),
      }));
    const seconds = (ms: number) =>
      costOf("s1", later(ms)).lines.find(({ item }) => item === "SQS, the relay's second sends")?.arithmetic;
    // The first agent answered after 400 ms, the second claimed at once.
    expect([seconds(-200), seconds(0)]).toEqual(["0 sends × $0.50", "1 sends × $0.50"]);
  });

  it("grows by an input, and by nothing else, when a log gets one more", () => {
    const [one, whole] = [recorded("urgent-and-people").slice(0, 1), recorded("urgent-and-people")];
    expect(costOf("s1", loggedOf(whole)).usd).toBeGreaterThan(costOf("s1", loggedOf(one)).usd);
  });

  it("says what the log cannot know, what was assumed, and what may come on top at most", () => {
    const text = costText(found);
    expect(text).toMatch(/^Session s1: \d+ events in 5 commits cost about \$0\.00/);
    expect(text).toMatch(
      /\nIt took \d+ requests to AWS: \d+ for 2 attempts of agents, \d+ for none of them alone\.\n/,
    );
    expect(text).toContain("retries that never committed");
    expect(text).toContain("how long functions really ran");
    expect(text).toContain("agents' functions, from dispatch to answer");
    expect(found.usdAtMost).toBeGreaterThan(found.usd);
  });
});

describe("the command cost", () => {
  const logged = loggedOf(recorded("inquiry-to-booking"));
  /** What the command reads of a spine. */
  const reading = { eventsAfter: () => Promise.resolve(logged), state: () => Promise.resolve({}) };
  const run = async (...args: readonly string[]): Promise<string> => {
    const printed: string[] = [];
    // It asks for nothing else of its context.
    const context = { client: reading, print: (text: string) => void printed.push(text) } as unknown;
    await cost.parse(args).run(context as CommandContext);
    return printed.join("\n");
  };

  it("prints the estimate, and with --json the same as data", async () => {
    expect(await run("s1")).toBe(costText(costOf("s1", logged)));
    expect(JSON.parse(await run("s1", "--json"))).toEqual(costOf("s1", logged));
  });

  it("says of a log with events that it does not know that it cannot be priced", async () => {
    const [first, ...rest] = logged;
    if (first === undefined) throw new Error("The log is empty.");
    const newer = { ...first, event: { ...first.event, type: "SomethingNew" } } as unknown as LoggedEvent;
    const client = { ...reading, eventsAfter: () => Promise.resolve([newer, ...rest]) };
    const context = { client, print: () => undefined } as unknown;
    await expect(cost.parse(["s1"]).run(context as CommandContext)).rejects.toThrow(
      /^s1: its log cannot be priced\. Event type SomethingNew is unknown/,
    );
  });
});

describe("the looks of a request that waits", () => {
  it.each([
    [0, 1],
    [20, 2],
    [300, 16],
    [320, 17],
    [350, 18],
    [26_000, 124],
  ])("in %s ms are %s", (ms, looks) => {
    expect(looksIn(ms)).toBe(looks);
  });
});
