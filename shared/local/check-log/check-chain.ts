import { hash } from "node:crypto";
import type { Finding } from "./log-finding.ts";
import type { LoggedCommit, LoggedSession } from "./read-session.ts";

/** Whether the sequence is 1..n, each commit names the hash of the one before, and numbered inputs ran by their numbers. */
export function checkChain({ name, commits, events }: LoggedSession): readonly Finding[] {
  return [...linkProblems(commits), ...orderProblems(events)].map((text) => ({
    type: "gap",
    session: name,
    text,
  }));
}

function* linkProblems(commits: readonly LoggedCommit[]): Generator<string> {
  let next = 1;
  let previous = "";
  for (const commit of commits) {
    const { first, last, events, text } = commit;
    if (first !== next) yield `a commit starts at ${first} where ${next} must follow`;
    if (commit.previous !== previous) yield `the commit at ${first} does not name the hash of the one before`;
    const isWhole =
      events.length === last - first + 1 && events.every(({ sequence }, at) => sequence === first + at);
    if (!isWhole) yield `the events of the commit at ${first} are not numbered ${first} to ${last}`;
    next = last + 1;
    previous = hash("sha256", text, "base64url");
  }
}

/** A late input is one whose place was given up before, which is recorded as the gap that it is. */
function* orderProblems(events: LoggedSession["events"]): Generator<string> {
  const ran = new Map<string, number>();
  for (const { sequence, type, data } of events) {
    if (type === "OrdinalGapRecorded")
      yield `at ${sequence} the inputs of ${String(data["source"])} continue without ${String(data["from"])} to ${String(data["to"])}`;
    const input = type === "InputAccepted" ? data["input"] : type === "InputReleased" ? data : undefined;
    if (!isNumbered(input) || data["late"] === true) continue;
    const before = ran.get(input.source) ?? 0;
    if (input.ordinal <= before)
      yield `at ${sequence} input ${input.ordinal} of ${input.source} runs after ${before}`;
    ran.set(input.source, Math.max(before, input.ordinal));
  }
}

function isNumbered(input: unknown): input is { readonly source: string; readonly ordinal: number } {
  return (
    typeof input === "object" &&
    input !== null &&
    "source" in input &&
    "ordinal" in input &&
    typeof input.ordinal === "number"
  );
}
