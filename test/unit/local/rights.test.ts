import { describe, expect, it } from "vitest";
import type { Grant, RightsReport } from "#local/iam/rights-record.ts";
import { describeJudgement } from "../../../scripts/prove-iam/describe.ts";
import { judge } from "../../../scripts/prove-iam/judge.ts";

const grant = (action: string, resource = "arn:aws:sqs:::work", condition = ""): Grant => ({
  role: "Worker",
  action,
  resource,
  condition,
});
const [SEND, RECEIVE] = [grant("sqs:SendMessage"), grant("sqs:ReceiveMessage")];
const report = (granted: readonly Grant[], used: readonly Grant[]): RightsReport => ({
  granted,
  used,
  refused: [],
});

describe("the proof of rights", () => {
  it("passes when every granted right was used, in one scenario or another", () => {
    const judged = judge([report([SEND, RECEIVE], [SEND]), report([SEND, RECEIVE], [RECEIVE])], []);
    expect(judged).toMatchObject({ sound: true, granted: 2, unused: [], refused: [] });
  });

  it("fails for one additional right", () => {
    const judged = judge([report([SEND, RECEIVE], [SEND])], []);
    expect(judged).toMatchObject({ sound: false, unused: [RECEIVE] });
    expect(describeJudgement(judged)).toContain("NEVER NEEDED Worker: sqs:ReceiveMessage arn:aws:sqs:::work");
  });

  it("fails for a right whose condition was never met, beside the same right whose condition was", () => {
    const bound = grant("sqs:SendMessage", SEND.resource, `{"Bool":{"aws:SecureTransport":"false"}}`);
    expect(judge([report([SEND, bound], [SEND])], [])).toMatchObject({ sound: false, unused: [bound] });
  });

  it("fails for one missing right", () => {
    const refused = { role: "Worker", action: "sqs:DeleteMessage", resource: "arn:aws:sqs:::work" };
    const judged = judge([{ ...report([SEND], [SEND]), refused: [refused, refused] }], []);
    expect(judged).toMatchObject({ sound: false, refused: [refused] });
    expect(describeJudgement(judged)[0]).toBe("NOT ALLOWED  Worker: sqs:DeleteMessage arn:aws:sqs:::work");
  });

  const exception = { roles: ["Work*"], right: "sqs:Receive* *", reason: "The CDK grants it." };
  const needless = [{ role: "Work*", right: "sqs:Receive* *" }];

  it("accepts an exception with its reason for an unused right, and for nothing else", () => {
    expect(judge([report([SEND, RECEIVE], [SEND])], [exception])).toMatchObject({
      sound: true,
      excepted: [{ grant: RECEIVE, reason: "The CDK grants it." }],
    });
    expect(judge([report([SEND, RECEIVE], [RECEIVE])], [exception])).toMatchObject({ sound: false });
  });

  it("fails for an exception whose right is needed after all, even beside an unneeded one", () => {
    const used = judge([report([SEND, RECEIVE], [SEND, RECEIVE])], [exception]);
    expect(used).toMatchObject({ sound: false, needless });
    expect(describeJudgement(used)).toContain("NO EXCEPTION Work*: sqs:Receive* * is needed, or not granted");
    const other = grant("sqs:ReceiveMessage", "arn:aws:sqs:::other");
    expect(judge([report([SEND, RECEIVE, other], [SEND, RECEIVE])], [exception])).toMatchObject({ needless });
  });

  it("fails for an exception whose right is no longer granted", () => {
    expect(judge([report([SEND], [SEND])], [exception])).toMatchObject({ sound: false, needless });
  });

  it("allows an exception that is only sometimes needed, while its right is granted", () => {
    const sometimes = { ...exception, sometimes: true } as const;
    expect(judge([report([SEND, RECEIVE], [SEND, RECEIVE])], [sometimes])).toMatchObject({ sound: true });
    expect(judge([report([SEND], [SEND])], [sometimes])).toMatchObject({ sound: false, needless });
  });

  it("fails for a pattern of actions, however many of them are needed", () => {
    const pattern = grant("sqs:*");
    expect(judge([report([SEND, pattern], [SEND, pattern])], [])).toMatchObject({
      sound: false,
      unused: [pattern],
    });
  });

  it("proves nothing when no scenario was played", () => {
    expect(judge([], [])).toMatchObject({ sound: false });
  });
});
