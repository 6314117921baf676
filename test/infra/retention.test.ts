import assert from "node:assert/strict";
import { Annotations, Match } from "aws-cdk-lib/assertions";
import { Duration, type App } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import { describe, expect, test } from "vitest";
import { alarmsIn, RETENTION_ALARMS } from "./alarm-promises.ts";
import { newSpine, templateOf, type TemplateJson } from "./fixture.ts";
import { within } from "./promises.ts";
import { readable } from "./intrinsics.ts";
import { mutants, passes } from "./mutants.ts";
import { all, resourcesOf } from "./resources.ts";
import { rightsOf, rolesRights } from "./rights.ts";

const DAY_MS = 86_400_000;
const times = { "*": Duration.days(90), acme: Duration.days(400) };
const TIMES = JSON.stringify({ "*": 90 * DAY_MS, acme: 400 * DAY_MS });
// The root of a construct tree is its app.
const template = templateOf(newSpine({ retention: times }).stack.node.root as App, "Test");
const without = templateOf(newSpine().stack.node.root as App, "Test");

const isNew = (id: string): boolean => !(id in without.Resources);
const FUNCTION = "arn:partition:lambda:region:accountid:function:spine-retention";

function propertiesOf(given: TemplateJson, type: string): unknown {
  const found = Object.entries(given.Resources).filter(([id, { Type }]) => Type === type && isNew(id));
  assert.equal(found.length, 1, type);
  return readable(given, found[0]?.[1].Properties);
}

function variablesOf(given: TemplateJson, name: string): Readonly<Record<string, string>> {
  const found = all(given, "AWS::Lambda::Function").find(({ FunctionName }) => FunctionName === name);
  const { Variables } = found?.["Environment"] as { readonly Variables: Readonly<Record<string, string>> };
  return Variables;
}

const NOTE = `dynamodb:PutItem ${within({ like: ["#retention/*"] })}`;

const PROMISES: Readonly<Record<string, (given: TemplateJson) => void>> = {
  "only the function retention may delete anything of a log, and of the bucket only what belongs to sessions":
    (given) => {
      assert.deepEqual(
        rightsOf(given)["spine-retention"],
        [
          ...["GetItem", "Query"].map((action) => `dynamodb:${action} table.Arn`),
          ...["BatchWriteItem", "PutItem"].map(
            (action) => `dynamodb:${action} ${within({ like: ["*/*"], unlike: ["#*"] })}`,
          ),
          ...["DeleteItem", "PutItem"].map(
            (action) => `dynamodb:${action} ${within({ like: ["#retention/*"] })}`,
          ),
          `dynamodb:DeleteItem ${within({ like: ["*/*#key"] })}`,
          `dynamodb:DeleteItem ${within({ like: ["#progress/*"] })}`,
          ...["DeleteItem", "PutItem", "Query"].map((action) => `dynamodb:${action} sessions.Arn`),
          ...["CreateLogStream", "PutLogEvents"].map(
            (action) => `logs:${action} loggroup:SpineRetentionHandlerLog.Arn`,
          ),
          ...["commits", "letters", "snapshots", "views"].map(
            (kind) => `s3:DeleteObject bucket.Arn/${kind}/*`,
          ),
          "s3:GetObject bucket.Arn/*",
          "s3:ListBucket bucket.Arn",
        ].toSorted(),
      );
      for (const [name, rights] of Object.entries(rightsOf(given)))
        if (name !== "spine-retention")
          assert.equal(
            rights.some((right) => right.includes("dynamodb:DeleteItem table.Arn")),
            false,
            name,
          );
    },
  "the relay may note when sessions are to be looked at, and nothing else of the table": (given) => {
    const more = rightsOf(given)["spine-relay"]?.filter((right) => right.startsWith("dynamodb:PutItem"));
    assert.deepEqual(more, ["dynamodb:PutItem sessions.Arn", NOTE].toSorted());
    assert.deepEqual(
      rightsOf(given)["spine-relay"]?.filter((right) => right !== NOTE),
      rightsOf(without)["spine-relay"],
    );
  },
  "relay and retention know the same times, and no other function knows any": (given) => {
    assert.deepEqual(variablesOf(given, "spine-retention"), {
      BUCKET_NAME: "bucket",
      RETENTION: TIMES,
      SESSION_INDEX_TABLE: "sessions",
      TABLE_NAME: "table",
    });
    assert.equal(variablesOf(given, "spine-relay")["RETENTION"], TIMES);
    for (const name of ["ingress", "door", "coordinator", "recovery"])
      assert.deepEqual(variablesOf(given, `spine-${name}`), variablesOf(without, `spine-${name}`));
  },
  "the function runs as the others do, for a quarter of an hour at most": (given) => {
    const found = all(given, "AWS::Lambda::Function").find(
      ({ FunctionName }) => FunctionName === "spine-retention",
    );
    const { Code: _, Environment: __, Role, LoggingConfig, Description, ...rest } = found ?? {};
    assert.match(String(Description), /^Event Spine: /);
    assert.match(String(Role), /^role:SpineRetentionHandlerRole\.Arn$/);
    assert.deepEqual(LoggingConfig, {
      LogGroup: "loggroup:SpineRetentionHandlerLog",
      LogFormat: "JSON",
      ApplicationLogLevel: "INFO",
      SystemLogLevel: "WARN",
    });
    assert.deepEqual(rest, {
      Architectures: ["arm64"],
      FunctionName: "spine-retention",
      Handler: "index.handler",
      MemorySize: 512,
      RecursiveLoop: "Allow",
      Runtime: "nodejs24.x",
      Timeout: 900,
    });
  },
  "its schedule calls it every hour, and nobody else may": (given) => {
    const { Description, ...rule } = propertiesOf(given, "AWS::Events::Rule") as Readonly<
      Record<string, unknown>
    >;
    assert.match(String(Description), /^Event Spine: /);
    assert.deepEqual(rule, {
      Name: "spine-retention",
      ScheduleExpression: "rate(1 hour)",
      State: "ENABLED",
      Targets: [{ Arn: FUNCTION, Id: "Target0" }],
    });
    assert.deepEqual(propertiesOf(given, "AWS::Lambda::Permission"), {
      Action: "lambda:InvokeFunction",
      FunctionName: FUNCTION,
      Principal: "events.amazonaws.com",
      SourceArn: "rule:SpineRetentionSchedule.Arn",
    });
  },
  "operators reach it by a URL that wants a signature": (given) => {
    const [url, ...others] = all(given, "AWS::Lambda::Url").filter(
      ({ TargetFunctionArn }) => TargetFunctionArn === FUNCTION,
    );
    assert.deepEqual([url, others], [{ AuthType: "AWS_IAM", TargetFunctionArn: FUNCTION }, []]);
  },
  "alarms ring when it fails, is throttled or is not called": (given) => {
    const more = Object.entries(alarmsIn(given)).filter(([name]) => !(name in alarmsIn(without)));
    assert.deepEqual(Object.fromEntries(more), RETENTION_ALARMS);
  },
  "its role is Lambda's, and its log is kept for a month": (given) => {
    assert.deepEqual(propertiesOf(given, "AWS::IAM::Role"), {
      AssumeRolePolicyDocument: {
        Statement: [
          { Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" } },
        ],
        Version: "2012-10-17",
      },
    });
    assert.deepEqual(propertiesOf(given, "AWS::Logs::LogGroup"), { RetentionInDays: 30 });
    for (const { DeletionPolicy, UpdateReplacePolicy } of resourcesOf(given, "AWS::Logs::LogGroup"))
      assert.deepEqual([DeletionPolicy, UpdateReplacePolicy], ["Delete", "Delete"]);
  },
};

describe("a spine with retention", () => {
  for (const [promise, check] of Object.entries(PROMISES)) test(promise, () => check(template));

  test("breaks a promise when any one property of retention is removed", () => {
    const holds = (mutant: TemplateJson) =>
      Object.values(PROMISES).every((check) => passes(() => check(mutant)));
    expect(holds(template)).toBe(true);
    // The code's place is its hash, which no promise can name.
    const unnoticed = [...mutants(template, isNew)]
      .filter(({ lost }) => !/Function\w+ \/Properties\/Code/.test(lost))
      .filter(({ template: mutant }) => holds(mutant))
      .map(({ lost }) => lost);
    expect(unnoticed).toEqual([]);
  });

  test("changes only the relay, which notes sessions, and the dashboard", () => {
    const { spine } = newSpine();
    expect(spine.retention).toBeUndefined();
    const changed = Object.entries(without.Resources).flatMap(([id, resource]) =>
      JSON.stringify(resource) === JSON.stringify(template.Resources[id]) ? [] : [id],
    );
    expect(changed.map((id) => id.replace(/[0-9A-F]{8}$/, ""))).toEqual([
      "SpineRelayHandlerRoleDefaultPolicy",
      "SpineRelayHandlerFunction",
      "SpineDashboard",
    ]);
  });

  test("checks more often when the time is short, with a warning", () => {
    const { stack } = newSpine({ retention: { "*": Duration.minutes(10) } });
    const short = templateOf(stack.node.root as App, "Test");
    expect(propertiesOf(short, "AWS::Events::Rule")).toMatchObject({ ScheduleExpression: "rate(1 minute)" });
    Annotations.fromStack(stack).hasWarning("*", Match.stringLikeRegexp("before the relay has published"));
    const { stack: usual } = newSpine({ retention: times });
    Annotations.fromStack(usual).hasNoWarning("*", Match.stringLikeRegexp("before the relay"));
  });

  test("lets principals with the grant erase sessions, and has no such function without a retention", () => {
    const { stack, spine } = newSpine({ retention: times });
    const role = new iam.Role(stack, "Operator", { assumedBy: new iam.AccountRootPrincipal() });
    spine.grantErase(role);
    const granted = templateOf(stack.node.root as App, "Test");
    expect(rolesRights(granted)("role:Operator.Arn")).toEqual([
      "lambda:GetFunctionUrlConfig function:spine-retention",
      'lambda:InvokeFunction function:spine-retention if {"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}',
      "lambda:InvokeFunctionUrl function:spine-retention",
    ]);
    const other = newSpine();
    const user = new iam.User(other.stack, "User");
    expect(() => other.spine.grantErase(user)).toThrow(/has no retention/);
  });

  test("rejects an invalid time", () => {
    expect(() => newSpine({ retention: { acme: Duration.seconds(5) } })).toThrow(
      /retention\.acme is 5 seconds\. Give a minute or more/,
    );
    expect(newSpine({ retention: {} }).spine.retention).toBeUndefined();
  });
});
