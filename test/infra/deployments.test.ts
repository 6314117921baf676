import { describe, expect, test } from "vitest";
import { deployments } from "../../infra/deployments.ts";
import { readDeployments } from "../../infra/settings/deployment.ts";
import { onThisMachine } from "../../infra/settings/on-this-machine.ts";
import { AppVariable, readAppVariables, withoutSay } from "../../infra/settings/variables.ts";
import { deployments as samples } from "./sample-deployments.ts";

const KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd";
const WHOLE = {
  prefix: "shop",
  account: "111122223333",
  region: "eu-west-1",
  retention: { "*": "P90D", acme: "P400DT12H" },
  personal: { "*": ["input.email"] },
  personalKeyArn: KEY,
  encryptionKeyArn: KEY,
  deletionProtection: true,
  removeWithStack: false,
  existingTable: {
    tableName: "restored",
    streamArn: "arn:aws:dynamodb:eu-west-1:111122223333:table/restored/stream/2026-11-28T00:00:00.000",
  },
  quotas: { "*": { perSecond: 50 }, acme: { perSecond: 5, burst: 100 } },
  tenants: { "444455556666": "acme" },
  ceilings: { tokens: 200_000, sessionMs: 86_400_000 },
  rights: { "444455556666": ["send", "read"], "*": ["send"] },
  waits: { total: 100, perTenant: 20 },
  streams: { total: 40, perTenant: 20, reservedConcurrency: 50 },
  producers: [{ source: "com.example.shop", roles: ["arn:aws:iam::111122223333:role/shop"] }],
  bedrockModel: "eu.vendor.model-v1:0",
  commitForm: 2,
  mirror: true,
  scorers: true,
  questions: {
    webhook: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:webhook-AbCdEf",
    withQuestion: true,
  },
  sessionIndex: false,
  alarmEmails: ["ops@example.com"],
};

describe("the committed deployments", () => {
  test("can be deployed as they are", () => {
    expect(readDeployments(deployments)).toEqual(deployments);
    expect(readDeployments([WHOLE])).toEqual([WHOLE]);
    expect(readDeployments(samples)).toEqual(samples);
  });

  test.each<readonly [unknown, RegExp]>([
    [[], /deployments: .*\[\{ prefix: "spine" \}\]/],
    [{}, /deployments: .*\[\{ prefix: "spine" \}\]/],
    [[{}], /\[0\]\.prefix: .* Write a text, such as "spine"\./],
    [[{ prefix: "Spine" }], /\[0\]\.prefix: The prefix "Spine" does not match .* Use lower-case letters/],
    [
      [{ prefix: "spine", perfix: 1 }],
      /\[0\]: .*perfix.* Remove it, or correct its name\. A deployment has: prefix,/,
    ],
    [[{ prefix: "spine", account: 111122223333 }], /\[0\]\.account: .* Write 12 digits as a text/],
    [[{ prefix: "spine", account: "1111" }], /\[0\]\.account: is not an account id\. Write its 12 digits\./],
    [
      [{ prefix: "spine", ceilings: { money: 0 } }],
      /\[0\]\.ceilings: ceilings\.money is 0\. Write a number above 0/,
    ],
    [[{ prefix: "spine", ceilings: { hops: 1.5 } }], /ceilings\.hops is 1\.5\. Write a whole number above 0/],
    [
      [{ prefix: "spine", ceilings: { waits: 1 } }],
      /\[0\]\.ceilings: .*waits.* Write \{ tokens: 200_000, money: 5 \}\./,
    ],
    [
      [{ prefix: "spine", waits: { total: 5, perTenant: 6 } }],
      /\[0\]\.waits: waits\.perTenant is 6\. Give a whole number from 0 to 5/,
    ],
    [
      [{ prefix: "spine", streams: { total: 6, reservedConcurrency: 5 } }],
      /\[0\]\.streams: streams\.total is 6\. Give at most the 5 that are reserved/,
    ],
    [
      [{ prefix: "spine", rights: { "444455556666": ["all"] } }],
      /\[0\]\.rights\[?.* Write lists of send, read, answer, command, operate by caller/,
    ],
    [[{ prefix: "spine", retention: "P90D" }], /\[0\]\.retention: .* Write durations by tenant/],
    [
      [{ prefix: "spine", retention: { acme: "90 days" } }],
      /\[0\]\.retention\.acme: is "90 days", which is not a duration\. Write ISO 8601/,
    ],
    [[{ prefix: "spine", retention: { "*": "P" } }], /is "P", which is not a duration/],
    [[{ prefix: "spine", retention: { "*": "PT" } }], /is "PT", which is not a duration/],
    [
      [{ prefix: "spine", retention: { "*": "PT5S" } }],
      /\[0\]\.retention\.\*: is 5 seconds\. Give a minute or more\./,
    ],
    [
      [{ prefix: "spine", personal: { "*": ["input..email"] } }],
      /\[0\]\.personal\.\*: has "input\.\.email", which is no path of the context\. Write a list of paths/,
    ],
    [
      [{ prefix: "spine", quotas: { "*": { perSecond: 0 } } }],
      /\[0\]\.quotas\.\*: has perSecond 0\. Give a number above 0/,
    ],
    [
      [{ prefix: "spine", retention: { "shop 1": "P90D" } }],
      /\[0\]\.retention\.shop 1: names no tenant\. Use 1 to 128 letters/,
    ],
    [
      [{ prefix: "spine", producers: [{ source: "a", roles: [] }] }],
      /\[0\]\.producers\[0\]\.roles: .* Write \[\{ source:/,
    ],
    [
      [{ prefix: "spine", producers: [{ source: "a", roles: ["shop"] }] }],
      /roles\[0\]: is not an ARN of iam\./,
    ],
    [[{ prefix: "spine", personalKeyArn: "alias/key" }], /\[0\]\.personalKeyArn: is not an ARN of kms\./],
    [[{ prefix: "spine", commitForm: 5 }], /\[0\]\.commitForm: 5 is not a form of commits\. Write a whole/],
    [[{ prefix: "spine", commitForm: "2" }], /\[0\]\.commitForm: .* Write a whole number from 1 to 4\./],
    [
      [{ prefix: "spine", quotas: { perSecond: 5 } }],
      /\[0\]\.quotas\.perSecond: .* Write quotas by tenant, such as \{ "\*": \{ perSecond: 50 \} \}\./,
    ],
    [
      [{ prefix: "spine", concurrency: { inbox: 5 } }],
      /\[0\]\.concurrency: .*inbox.* Write \{ inputs: 50 \}\./,
    ],
    [[{ prefix: "spine", questions: true }], /\[0\]\.questions: .* Write \{\} for a topic/],
    [[{ prefix: "spine", questions: { topic: false } }], /\[0\]\.questions: tells nobody\./],
    [[{ prefix: "spine", questions: { link: "here" } }], /\[0\]\.questions\.link: is not a URL\./],
    [[{ prefix: "spine", scorers: {} }], /\[0\]\.scorers: .* Write true or false\./],
    [[{ prefix: "spine", mirror: "yes" }], /\[0\]\.mirror: .* Write true or false\./],
    [[{ prefix: "spine", alarmEmails: [] }], /\[0\]\.alarmEmails: .* Write addresses, such as/],
    [[{ prefix: "spine", alarmEmails: ["ops"] }], /alarmEmails\[0\]: is not an e-mail address\. Write one/],
    [
      [{ prefix: "spine", alarmTopicArn: "on-call" }],
      /\[0\]\.alarmTopicArn: is not an ARN of sns\. Write one/,
    ],
    [
      [{ ...WHOLE, alarmTopicArn: "arn:aws:sns:eu-west-1:111122223333:on-call" }],
      /\[0\]\.alarmEmails: has no effect.* leave out one of the two\./,
    ],
    [
      [WHOLE, { ...WHOLE, mirror: false }],
      /\[1\]\.prefix: "shop" is already used by another deployment\. Choose another one\./,
    ],
  ])("are rejected with field, problem and repair: %j", (given, problem) => {
    expect(() => readDeployments(given)).toThrow(problem);
  });

  test("are rejected with all problems at once", () => {
    const wrong = [{ prefix: "Spine", mirror: 1, account: "1" }];
    expect(() => readDeployments(wrong)).toThrow(/prefix: [\s\S]*account: [\s\S]*mirror: /);
  });
});

describe("a local start", () => {
  const LOCAL = {
    prefix: "spine",
    commitForm: 4,
    liveOutput: true,
    retention: WHOLE.retention,
    personal: WHOLE.personal,
    quotas: { "*": { perSecond: 50 } },
    bedrockModel: WHOLE.bedrockModel,
    mirror: true,
    scorers: true,
    questions: { topic: true, withQuestion: true },
    ceilings: WHOLE.ceilings,
    rights: { "*": ["send", "read", "answer", "command", "operate"] },
    waits: { total: 8 },
    streams: { total: 8 },
  };

  test("runs the deployment without its account-specific names", () => {
    const [whole] = readDeployments([WHOLE]);
    expect(onThisMachine(whole, {})).toEqual(LOCAL);
  });

  test("prefers the value of a variable to the value of the file", () => {
    const [whole] = readDeployments([WHOLE]);
    const variables = readAppVariables({
      SPINE_PREFIX: "other",
      SPINE_QUOTA: "0.5/7",
      SPINE_RETENTION: "PT10M",
      SPINE_PERSONAL: "input.text,session.who",
      BEDROCK_MODEL_ID: "m",
    });
    expect(onThisMachine(whole, variables)).toEqual({
      ...LOCAL,
      quotas: { "*": { perSecond: 0.5, burst: 7 } },
      retention: { "*": "PT10M" },
      personal: { "*": ["input.text", "session.who"] },
      bedrockModel: "m",
    });
    const open = { callbacks: { reservedConcurrency: 2 } };
    expect(onThisMachine({ prefix: "shop" }, readAppVariables({ SPINE_CALLBACKS: "1" }))).toMatchObject(open);
    expect(onThisMachine({ prefix: "shop", callbacks: {} }, {})).toMatchObject(open);
    expect(onThisMachine({ prefix: "shop" }, readAppVariables({ SPINE_MIRROR: "1" }))).toEqual({
      prefix: "spine",
      commitForm: 4,
      liveOutput: true,
      mirror: true,
      rights: LOCAL.rights,
      waits: LOCAL.waits,
      streams: LOCAL.streams,
    });
    const scored = onThisMachine(undefined, readAppVariables({ SPINE_SCORERS: "yes" }));
    expect(scored.scorers).toBe(true);
    const questionsOf = (SPINE_QUESTIONS: string) =>
      onThisMachine(undefined, readAppVariables({ SPINE_QUESTIONS })).questions;
    expect(questionsOf("yes")).toEqual({});
    expect(questionsOf("webhook")).toEqual({ webhook: true });
    expect(questionsOf("")).toBeUndefined();
  });

  test("is the only one that variables affect; a deployment names those that are set", () => {
    const everything = Object.fromEntries(Object.values(AppVariable).map((name) => [name, "1"]));
    expect(withoutSay(everything)).toEqual(Object.values(AppVariable));
    expect(withoutSay({ SPINE_QUOTA: "" })).toEqual([]);
  });
});
