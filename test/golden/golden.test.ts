import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { HashedFlow } from "#core/flow/plan.ts";
import { parseCommit } from "#core/session/codec.ts";
import { foldCommits } from "#core/session/fold.ts";
import { verifyReplay } from "#core/session/replay.ts";
import { sha256Digest } from "#testing/given-when-then.ts";
import { SESSIONS, type GoldenSession } from "./sessions.ts";

const here = new URL(".", import.meta.url);
const files = readdirSync(here).filter((name) => name.endsWith(".json"));
const read = (file: string) => JSON.parse(readFileSync(new URL(file, here), "utf8")) as GoldenSession;

/** Recordings that fold as ever while today's decisions differ, each with the reason. */
const DECIDED_OTHERWISE: Readonly<Record<string, string>> = {
  "numbers-budgets-and-stop-1.json":
    "A run that starts while nothing is under way counts on no timer left over.",
};

describe.each(Object.keys(SESSIONS))("the session %s", (name) => {
  it("is decided and stored exactly as it was recorded", () => {
    const recorded = read(`${name}.json`);
    const played = SESSIONS[name]?.();
    expect(played?.commits).toEqual(recorded.commits);
    expect(played?.state).toEqual(recorded.state);
    expect(played?.flows).toEqual(recorded.flows);
  });
});

describe.each(files)("the recording %s", (file) => {
  const { commits: texts, state, flows = [] } = read(file);
  const library = new Map(
    flows.map((text) => [sha256Digest.sha256(text), JSON.parse(text) as HashedFlow["flow"]] as const),
  );
  const byHash = (hash: string): HashedFlow | undefined => {
    const flow = library.get(hash);
    return flow === undefined ? undefined : { hash, flow };
  };
  const { tenant, session } = state;
  const commits = texts.map((text) => {
    const { first, last } = JSON.parse(text) as { readonly first: number; readonly last: number };
    return parseCommit({ tenant, session }, { first, last, text });
  });

  it("folds to the recorded state", () => {
    expect(foldCommits({ tenant, session }, commits, () => undefined)).toEqual(state);
  });

  it("is an unbroken chain of hashes", () => {
    expect(commits.map(({ previous }) => previous)).toEqual([
      "",
      ...texts.slice(0, -1).map((text) => sha256Digest.sha256(text)),
    ]);
  });

  it.runIf(DECIDED_OTHERWISE[file] === undefined)("is decided as it was recorded", () => {
    expect(verifyReplay(commits, { byHash })).toBeUndefined();
  });
});
