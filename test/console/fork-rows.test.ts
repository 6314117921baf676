import { describe, expect, it } from "vitest";
import { forkRows } from "#console/model/fork-rows.ts";

describe("the preview of a fork", () => {
  it("says step by step what is reused, what runs anew, and what is in doubt", () => {
    const rows = forkRows({
      session: "new",
      reused: [
        { run: "r", step: "plan/0", from: 9 },
        { run: "r", step: "plan/1", from: 12, differs: true },
      ],
      anew: [{ run: "r", step: "plan/2", agent: "pay", effect: true }],
      ahead: [{ run: "r", step: "plan/3", agent: "write" }],
      doubtful: [{ run: "r", step: "plan/4" }],
      mayCost: { tokens: 3 },
    });
    expect(rows.map(({ what, step }) => `${what} ${step}`)).toEqual([
      ...["reused plan/0", "reused plan/1", "runs anew plan/2", "ahead plan/3", "in doubt plan/4"],
    ]);
    expect(rows[0]?.note).toBe("as recorded at event 9");
    expect(rows[1]?.note).toContain("its effect is not performed again");
    expect(rows[2]?.note).toBe("pay, which has an effect");
    expect(rows[3]?.note).toBe("write: reused, if it sees the same by then");
  });

  it("of nothing that it knows has no rows", () => {
    expect(forkRows({})).toEqual([]);
  });
});
