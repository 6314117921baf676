import { Duration, type App } from "aws-cdk-lib";
import { expect, test } from "vitest";
import { pathOf } from "../../infra/stacks/customer-care-stack.ts";
import { newSpine, templateOf, type TemplateJson } from "./fixture.ts";
import { all } from "./resources.ts";

type Props = Parameters<typeof newSpine>[0];

const ENTRY = pathOf("functions/subscribers/scorers/handler.ts");
// The root of a construct tree is its app.
const templateWith = (props: Props = {}) => templateOf(newSpine(props).stack.node.root as App, "Test");
const withScorers = (more: Partial<NonNullable<NonNullable<Props>["scorers"]>> = {}) =>
  templateWith({ scorers: { entry: ENTRY, ...more }, retention: { "*": Duration.days(30) } });

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** What functions may do with tables and buckets, each named as the template names it. */
function rightsIn(template: TemplateJson, role: RegExp): readonly string[] {
  const policies = Object.entries(template.Resources).filter(
    ([id, { Type }]) => Type === "AWS::IAM::Policy" && role.test(id),
  );
  const statements = policies.flatMap(
    ([, { Properties }]) =>
      (Properties as { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }).PolicyDocument
        .Statement,
  );
  const lines = statements.flatMap(({ Action, Resource }) =>
    [Action].flat().map((action) => `${action} ${JSON.stringify(Resource)}`),
  );
  return lines.filter((line) => /^(dynamodb|s3):/.test(line)).toSorted();
}
const onScores = (rights: readonly string[]) => rights.filter((right) => right.includes("SpineScoresTable"));

test("scores have a table that forgets, without a stream, and only where something is scored", () => {
  const template = withScorers();
  const [table] = all(template, "AWS::DynamoDB::Table").filter(({ KeySchema, TimeToLiveSpecification }) =>
    JSON.stringify([KeySchema, TimeToLiveSpecification]).includes('"expires"'),
  );
  expect(
    all(template, "AWS::DynamoDB::Table").filter(
      ({ TimeToLiveSpecification: ttl, StreamSpecification: stream }) =>
        ttl !== undefined && stream === undefined,
    ),
  ).toHaveLength(1);
  expect(table).toMatchObject({ TimeToLiveSpecification: { AttributeName: "expires", Enabled: true } });
  expect(JSON.stringify(templateWith())).not.toMatch(/[Ss]cores|[Ss]corers/);
});

test("the scorers may read commits and put scores; ingress reads scores, and retention erases them", () => {
  const template = withScorers();
  expect(rightsIn(template, /^SpineScorersHandler/)).toEqual([
    expect.stringMatching(/^dynamodb:PutItem .*SpineScoresTable/),
    expect.stringMatching(/^dynamodb:Query .*SpineLogTable/),
    expect.stringMatching(/^s3:GetObject .*commits\/\*/),
  ]);
  expect(onScores(rightsIn(template, /^SpineIngressHandler/))).toEqual([
    expect.stringMatching(/^dynamodb:Query /),
  ]);
  expect(onScores(rightsIn(template, /^SpineRetentionHandler/))).toEqual([
    expect.stringMatching(/^dynamodb:BatchWriteItem /),
    expect.stringMatching(/^dynamodb:Query /),
  ]);
  expect(onScores(rightsIn(template, /^(?!Spine(Scorers|Ingress|Retention)Handler)/))).toEqual([]);
});

test("scorers hold nothing up: a queue and an alarm of their own, and few at once", () => {
  const template = withScorers({ timeout: Duration.minutes(2), keep: Duration.days(7) });
  const queues = all(template, "AWS::SQS::Queue").map(({ QueueName }) => String(QueueName));
  expect(queues).toEqual(expect.arrayContaining(["spine-sub-scorers.fifo", "spine-sub-scorers-dead.fifo"]));
  const alarms = all(template, "AWS::CloudWatch::Alarm").map(({ AlarmName }) => AlarmName);
  expect(alarms).toContain("spine-sub-scorers-letters");
  const [scorers] = all(template, "AWS::Lambda::Function").filter(
    ({ FunctionName }) => FunctionName === "spine-scorers",
  );
  expect(scorers).toMatchObject({
    Timeout: 120,
    MemorySize: 256,
    Environment: { Variables: { SCORES_KEPT_SECONDS: String(7 * 86_400) } },
  });
  const bounded = all(template, "AWS::Lambda::EventSourceMapping").filter(
    ({ ScalingConfig }) => JSON.stringify(ScalingConfig) === '{"MaximumConcurrency":5}',
  );
  expect(bounded.length).toBeGreaterThan(0);
  expect(JSON.stringify(template)).toContain("scorers");
});

test("refuses times in which nothing can be scored or kept", () => {
  expect(() => withScorers({ timeout: Duration.seconds(3) })).toThrow(/timeout below 10 seconds/);
  expect(() => withScorers({ keep: Duration.hours(2) })).toThrow(/less than a day/);
});
