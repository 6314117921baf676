import { describe, expect, it } from "vitest";
import type { Grant, RightsReport } from "../../../scripts/local/iam/rights-record.ts";
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
  it("is sound where all that is granted was used, in one scenario or another", () => {
    const judged = judge([report([SEND, RECEIVE], [SEND]), report([SEND, RECEIVE], [RECEIVE])], []);
    expect(judged).toMatchObject({ sound: true, granted: 2, unused: [], refused: [] });
  });

  it("fails for a right more", () => {
    const judged = judge([report([SEND, RECEIVE], [SEND])], []);
    expect(judged).toMatchObject({ sound: false, unused: [RECEIVE] });
    expect(describeJudgement(judged)).toContain("NEVER USED   Worker: sqs:ReceiveMessage arn:aws:sqs:::work");
  });

  it("fails for a right under a condition that was never met, beside the same right under one that was", () => {
    const bound = grant("sqs:SendMessage", SEND.resource, `{"Bool":{"aws:SecureTransport":"false"}}`);
    expect(judge([report([SEND, bound], [SEND])], [])).toMatchObject({ sound: false, unused: [bound] });
  });

  it("fails for a right less", () => {
    const refused = { role: "Worker", action: "sqs:DeleteMessage", resource: "arn:aws:sqs:::work" };
    const judged = judge([{ ...report([SEND], [SEND]), refused: [refused, refused] }], []);
    expect(judged).toMatchObject({ sound: false, refused: [refused] });
    expect(describeJudgement(judged)[0]).toBe("NOT ALLOWED  Worker: sqs:DeleteMessage arn:aws:sqs:::work");
  });

  it("takes an exception with its reason for what is never used, and for nothing else", () => {
    const exception = { role: "Work*", right: "sqs:Receive* *", reason: "The CDK grants it." };
    expect(judge([report([SEND, RECEIVE], [SEND])], [exception])).toMatchObject({
      sound: true,
      excepted: [{ grant: RECEIVE, reason: "The CDK grants it." }],
    });
    const needless = judge([report([SEND, RECEIVE], [SEND, RECEIVE])], [exception]);
    expect(needless).toMatchObject({ sound: false, needless: [exception] });
    expect(judge([report([SEND, RECEIVE], [RECEIVE])], [exception])).toMatchObject({ sound: false });
  });

  it("proves nothing where nothing was played", () => {
    expect(judge([], [])).toMatchObject({ sound: false });
  });
});
