import { describe, expect, it } from "vitest";
import { parseSessionId, parseTenantId, type SessionKey } from "#core/ids.ts";
import { createCommitNotices } from "#memory/commit-notices.ts";
import { createMovableClock } from "#memory/movable-clock.ts";

const tenant = parseTenantId("shop");
const keyOf = (session: string): SessionKey => ({ tenant, session: parseSessionId(session) });
const recordOf = (session: string) => ({
  ...keyOf(session),
  commit: { first: 1, last: 1, text: "", snapshot: false },
});

function bench() {
  const clock = createMovableClock(0);
  const notices = createCommitNotices(clock);
  const wait = notices.listen(keyOf("a"));
  let woken = false;
  const waiting = wait.within(1_000).then(() => (woken = true));
  return { clock, notices, wait, waiting, woken: () => woken };
}

describe("a wait for a session's next commit", () => {
  it("ends when the session commits", async () => {
    const { notices, waiting } = bench();
    notices.appended(recordOf("a"));
    expect(await waiting).toBe(true);
  });

  it("ends at once when the session has committed since it listens", async () => {
    const notices = createCommitNotices(createMovableClock(0));
    const wait = notices.listen(keyOf("a"));
    notices.appended(recordOf("a"));
    await wait.within(1_000);
  });

  it("ends when its time is over, and not for another session's commits", async () => {
    const { clock, notices, waiting, woken } = bench();
    notices.appended(recordOf("b"));
    await clock.runBy(999);
    expect(woken()).toBe(false);
    await clock.runBy(1);
    expect(await waiting).toBe(true);
  });

  it("hears nothing after it was stopped", async () => {
    const { clock, notices, wait, waiting, woken } = bench();
    wait.stop();
    notices.appended(recordOf("a"));
    await clock.runBy(500);
    expect(woken()).toBe(false);
    await clock.runBy(500);
    await waiting;
  });
});
