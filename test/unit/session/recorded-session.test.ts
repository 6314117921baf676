import { describe, expect, it } from "vitest";
import { sequence, step } from "#core/flow/build.ts";
import { parseRecordedSession, recordedCommit } from "#core/session/recorded-session.ts";
import { RECORDED_FORMAT } from "#core/session/recorded-format.ts";
import { decideAgain } from "#core/session/redecide.ts";
import { withFlows } from "#core/session/stored-flows.ts";
import { applicationOf, flowOf, running } from "./sample.ts";

const GUEST = "Ada Lovelace";
const application = applicationOf([flowOf(sequence(step("a"), step("b")))]);
const world = () => {
  const w = running(sequence(step("a"), step("b")), { data: { guest: GUEST, nights: 2 } });
  w.answer("a", 1);
  w.answer("b", 2);
  return w;
};
/** As a tenant's whose paths are personal. */
const personal = () =>
  world().commits.map((commit) => ({
    ...withFlows(commit, application.flows),
    seen: { ...commit.seen, personal: ["input.guest"] },
  }));

describe("a recorded commit", () => {
  it("has no value that its session declared to be personal, unless it is asked for", () => {
    const texts = personal().map((commit) => JSON.stringify(recordedCommit(commit, false)));
    expect(JSON.stringify(personal())).toContain(GUEST);
    expect(texts.join()).not.toContain(GUEST);
    expect(texts.join()).toContain(`"guest":{"$erased":true},"nights":2`);
    expect(personal().map((commit) => recordedCommit(commit, true))).toEqual(personal());
  });

  it("has no snapshot", () => {
    const [commit] = world().commits;
    if (commit === undefined) throw new Error("Nothing was committed.");
    expect(recordedCommit({ ...commit, snapshot: world().state }, true)).toEqual(commit);
  });

  it("is decided as before where no decision stands on what is gone", () => {
    const commits = personal().map((commit) => recordedCommit(commit, false));
    expect(decideAgain(commits, application)).toEqual([]);
  });
});

it("a recorded session is read back as it was written, and a gap is found", () => {
  const commits = world().commits.map((commit) => recordedCommit(commit, true));
  const whole = { format: RECORDED_FORMAT, tenant: "acme", session: "s1", redacted: false, commits };
  expect(parseRecordedSession(JSON.parse(JSON.stringify(whole)))).toEqual(whole);
  const gap = { ...whole, commits: commits.toSpliced(1, 1) };
  expect(() => parseRecordedSession(gap)).toThrow(
    /^commits\.1: begins at event \d+ where \d+ is next\. Give a file/,
  );
  expect(() => parseRecordedSession({ ...whole, session: "other" })).toThrow(
    /^commits\.0: .*another session/,
  );
});
