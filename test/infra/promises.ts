import assert from "node:assert/strict";
import { alarmPromises } from "./alarm-promises.ts";
import { SPINE, type TemplateJson } from "./fixture.ts";
import { INTAKE_PROMISES } from "./intake-promises.ts";
import { RECOVERY_PROMISES } from "./recovery-promises.ts";
import { all, only, resourcesOf, sorted } from "./resources.ts";
import { rightsOf } from "./rights.ts";
import { ROLE_PROMISES } from "./role-promises.ts";
import { STORE_PROMISES, TLS_ONLY } from "./store-promises.ts";

/** What a template promises: each throws where it is broken. */
export type PromiseCheck = (template: TemplateJson) => void;

/** Of the application, by name. */
export const AGENTS: readonly string[] = Object.keys(SPINE.agents ?? {}).toSorted();
/** Seconds that each agent's function may run: its contract allows 5, and 5 more are for the answer. */
const AGENT_TIMEOUT = 10;
const LANES = AGENTS.flatMap((agent) => [`agent-${agent}`, `agent-${agent}-express`]);

/** Every queue with dead letters, how long it hides a message, who consumes it, and after how many receives it gives up. */
const QUEUES: readonly (readonly [queue: string, visibility: number, consumer: string, receives: number])[] =
  [
    ["spine-inbox.fifo", 30, "spine-coordinator", 16],
    ["spine-answers.fifo", 30, "spine-coordinator", 16],
    ["spine-intake", 180, "spine-intake", 10],
    ["spine-relay-retries", 180, "spine-relay", 16],
    ["spine-deadlines", 60, "spine-recovery", 12],
    ...LANES.map(
      (lane) =>
        [`spine-${lane}.fifo`, 6 * AGENT_TIMEOUT, `spine-${lane.replace("-express", "")}`, 5] as const,
    ),
  ];
/** Batches of the core's queues that are worked on at once. */
const BULKHEADS: Readonly<Record<string, number>> = {
  "spine-inbox.fifo": 50,
  "spine-answers.fifo": 50,
  "spine-intake": 10,
  "spine-relay-retries": 2,
  "spine-deadlines": 10,
};
const FUNCTIONS: Readonly<Record<string, number>> = {
  "spine-ingress": 30,
  "spine-intake": 30,
  "spine-door": 5,
  "spine-coordinator": 5,
  "spine-relay": 30,
  "spine-recovery": 10,
  "spine-operator": 10,
  "spine-stream": 65,
  ...Object.fromEntries(AGENTS.map((agent) => [`spine-agent-${agent}`, AGENT_TIMEOUT])),
};
const INDEX = ["SESSION_INDEX_TABLE"];
const ENGINE = ["BUCKET_NAME", "QUEUE_PREFIX", "TABLE_NAME", "TOKEN_SECRET_ARN"];
/** In MB, where it is not 512. */
const MEMORY: Readonly<Record<string, number>> = { "spine-door": 1_769, "spine-stream": 256 };
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  "spine-ingress": [...ENGINE, ...INDEX, "WAITS"],
  "spine-intake": ["QUEUE_PREFIX"],
  "spine-door": ENGINE,
  "spine-coordinator": ENGINE,
  "spine-relay": [...ENGINE, "DEADLINES_MACHINE_ARN", ...INDEX, "SPINE_OUT_BUS", "SUBSCRIPTIONS"],
  "spine-recovery": [...ENGINE, "LETTERS_MACHINE_ARN"],
  "spine-operator": [...ENGINE, "AGENTS", "LETTERS_MACHINE_ARN", "STREAMS", "WAITS"],
  "spine-stream": ["BUCKET_NAME", "STREAMS", "TABLE_NAME"],
};
const AGENT_VARIABLES = ["AGENT_NAME", "DOOR_FUNCTION", "QUEUE_PREFIX"];

const deadOf = (queue: string) =>
  queue.endsWith(".fifo") ? queue.replace(".fifo", "-dead.fifo") : `${queue}-dead`;
const queueArn = (name: string) => `arn:partition:sqs:region:accountid:${name}`;
const busArn = (name: string) => `arn:partition:events:region:accountid:event-bus/${name}`;

const REMOVED = { DeletionPolicy: "Delete", UpdateReplacePolicy: "Delete" } as const;

const queues: PromiseCheck = (template) => {
  const expected = QUEUES.flatMap(([queue, visibility, , maxReceiveCount]) => {
    const common = {
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 86_400,
      ...(queue.endsWith(".fifo") && {
        FifoQueue: true,
        DeduplicationScope: "messageGroup",
        FifoThroughputLimit: "perMessageGroupId",
      }),
    };
    return [
      {
        ...common,
        QueueName: queue,
        VisibilityTimeout: visibility,
        RedrivePolicy: { deadLetterTargetArn: queueArn(deadOf(queue)), maxReceiveCount },
      },
      { ...common, QueueName: deadOf(queue), VisibilityTimeout: 60 },
    ];
  });
  assert.deepEqual(sorted(all(template, "AWS::SQS::Queue"), "QueueName"), sorted(expected, "QueueName"));
  for (const { DeletionPolicy, UpdateReplacePolicy } of resourcesOf(template, "AWS::SQS::Queue"))
    assert.deepEqual({ DeletionPolicy, UpdateReplacePolicy }, REMOVED);
};

const queuePolicies: PromiseCheck = (template) => {
  const policies = all(template, "AWS::SQS::QueuePolicy");
  const byQueue = new Map(policies.map((policy) => [String((policy["Queues"] as unknown[])[0]), policy]));
  for (const name of QUEUES.flatMap(([queue]) => [queue, deadOf(queue)])) {
    const { Statement, Version } = byQueue.get(name)?.["PolicyDocument"] as {
      readonly Statement: readonly unknown[];
      readonly Version: string;
    };
    assert.equal(Version, "2012-10-17");
    const fromRule = {
      Action: ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"],
      Condition: { ArnEquals: { "aws:SourceArn": "rule:SpineIntakeRule.Arn" } },
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Resource: queueArn(name),
    };
    const letters = {
      ...fromRule,
      Action: "sqs:SendMessage",
      Sid: "AllowEventRuleTestSpineIntakeRuleA7337B35",
    };
    const fromEvents = { "spine-intake": [fromRule], "spine-intake-dead": [letters] }[name] ?? [];
    assert.deepEqual(Statement, [{ ...TLS_ONLY, Action: "sqs:*", Resource: queueArn(name) }, ...fromEvents]);
  }
  assert.equal(byQueue.size, 2 * QUEUES.length);
};

const functions: PromiseCheck = (template) => {
  const found = sorted(all(template, "AWS::Lambda::Function"), "FunctionName");
  assert.deepEqual(
    found.map(({ FunctionName }) => FunctionName),
    Object.keys(FUNCTIONS).toSorted(),
  );
  for (const { Code, Description, Environment, Role, LoggingConfig, ...rest } of found) {
    const name = String(rest["FunctionName"]);
    assert.deepEqual(rest, {
      FunctionName: name,
      Architectures: ["arm64"],
      Handler: "index.handler",
      MemorySize: MEMORY[name] ?? 512,
      RecursiveLoop: "Allow",
      Runtime: "nodejs24.x",
      Timeout: FUNCTIONS[name],
    });
    assert.match(String(Description), /^Event Spine: /);
    const { S3Bucket, S3Key } = Code as Readonly<Record<string, unknown>>;
    assert.equal(S3Bucket, "code-is-left-out");
    assert.match(String(S3Key), /^[0-9a-f]{64}\.zip$/);
    assert.match(String(Role), /^role:.*\.Arn$/);
    const { LogGroup, ...logging } = LoggingConfig as Readonly<Record<string, unknown>>;
    assert.match(String(LogGroup), /^loggroup:/);
    // Metrics are lines without a level, which Lambda takes for INFO.
    assert.deepEqual(logging, { LogFormat: "JSON", ApplicationLogLevel: "INFO", SystemLogLevel: "WARN" });
    const { Variables } = Environment as { readonly Variables: Readonly<Record<string, string>> };
    assert.deepEqual(Object.keys(Variables).toSorted(), (VARIABLES[name] ?? AGENT_VARIABLES).toSorted());
    checkVariables(name, Variables);
  }
};

function checkVariables(name: string, variables: Readonly<Record<string, string>>): void {
  const expected: Readonly<Record<string, string>> = {
    BUCKET_NAME: "bucket",
    TABLE_NAME: "table",
    TOKEN_SECRET_ARN: "secret",
    SESSION_INDEX_TABLE: "sessions",
    SPINE_OUT_BUS: "spine-out",
    SUBSCRIPTIONS: "",
    // Nobody is a tenant, so that one has them all.
    WAITS: "200/200",
    STREAMS: "100/100",
    AGENTS: AGENTS.join(","),
    DOOR_FUNCTION: "spine-door",
    DEADLINES_MACHINE_ARN: "statemachine:SpineFarDeadlinesMachine",
    LETTERS_MACHINE_ARN: "statemachine:SpineRecoveryWatchMachine",
    AGENT_NAME: name.replace("spine-agent-", ""),
    QUEUE_PREFIX: "https://sqs.region.urlsuffix/accountid/spine-",
  };
  for (const [key, value] of Object.entries(variables)) assert.equal(value, expected[key], `${name} ${key}`);
}

const mappings: PromiseCheck = (template) => {
  const stream = {
    EventSourceArn: "table.StreamArn",
    FunctionName: "spine-relay",
    BatchSize: 100,
    BisectBatchOnFunctionError: true,
    DestinationConfig: { OnFailure: { Destination: queueArn("spine-relay-retries-dead") } },
    FilterCriteria: {
      Filters: [{ Pattern: '{"eventName":["INSERT"],"dynamodb":{"NewImage":{"kind":{"S":["commit"]}}}}' }],
    },
    FunctionResponseTypes: ["ReportBatchItemFailures"],
    MaximumRetryAttempts: 10,
    ParallelizationFactor: 2,
    StartingPosition: "TRIM_HORIZON",
  };
  const mapping = (queue: string, FunctionName: string, MaximumConcurrency: number | undefined) => ({
    EventSourceArn: queueArn(queue),
    FunctionName,
    BatchSize: FunctionName.startsWith("spine-agent-") ? 1 : 10,
    FunctionResponseTypes: ["ReportBatchItemFailures"],
    ScalingConfig: { MaximumConcurrency },
  });
  const expected = QUEUES.flatMap(([queue, , consumer]) => [
    mapping(queue, consumer, consumer.startsWith("spine-agent-") ? 50 : BULKHEADS[queue]),
    mapping(deadOf(queue), "spine-recovery", 2),
  ]);
  assert.deepEqual(
    sorted(all(template, "AWS::Lambda::EventSourceMapping"), "EventSourceArn"),
    sorted([...expected, stream], "EventSourceArn"),
  );
};

const buses: PromiseCheck = (template) => {
  assert.deepEqual(sorted(all(template, "AWS::Events::EventBus"), "Name"), [
    { Name: "spine-in", Description: "Event Spine: inputs from outside" },
    { Name: "spine-out", Description: "Event Spine: every commit, published by the relay" },
  ]);
  assert.deepEqual(only(template, "AWS::Events::EventBusPolicy").Properties, {
    EventBusName: "spine-out",
    StatementId: "cdk-OneWriter",
    Statement: {
      Sid: "cdk-OneWriter",
      Effect: "Deny",
      Principal: { AWS: "*" },
      Action: "events:PutEvents",
      Resource: busArn("spine-out"),
      Condition: { ArnNotEquals: { "aws:PrincipalArn": "role:SpineRelayHandlerRole.Arn" } },
    },
  });
};

const CONSUME = ["ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage"];
const consume = (queue: string) => CONSUME.map((action) => `sqs:${action} ${queue}`);
const send = (queue: string) => `sqs:SendMessage ${queue}`;
const writeLogs = (id: string) =>
  ["CreateLogStream", "PutLogEvents"].map((action) => `logs:${action} loggroup:${id}Log.Arn`);
/** A right to items of the table's partitions that match, as `rightsOf` writes it. */
export function within({
  like,
  unlike,
}: {
  readonly like: readonly string[];
  readonly unlike?: readonly string[];
}): string {
  const condition = {
    "ForAllValues:StringLike": { "dynamodb:LeadingKeys": like },
    ...(unlike !== undefined && { "ForAllValues:StringNotLike": { "dynamodb:LeadingKeys": unlike } }),
  };
  return `table.Arn if ${JSON.stringify(condition)}`;
}
const READ_LOG = ["dynamodb:GetItem table.Arn", "dynamodb:Query table.Arn"];
/** Tasks to any agent, with tokens and links: what performing directives takes. */
const DISPATCH = [
  send("spine-agent-*.fifo"),
  "s3:GetObject bucket.Arn/*",
  "s3:ListBucket bucket.Arn",
  "secretsmanager:GetSecretValue secret",
];
const put = (prefix: string) => `s3:PutObject bucket.Arn/${prefix}/*`;
/** Whatever this spine has ever sealed. */
const OPEN = 'kms:Decrypt key/* if {"StringEquals":{"aws:ResourceTag/event-spine":"spine"}}';
const ADVANCE = [
  ...READ_LOG,
  OPEN,
  `dynamodb:PutItem ${within({ like: ["*/*"], unlike: ["#*"] })}`,
  `dynamodb:PutItem ${within({ like: ["#flow/*"] })}`,
  `dynamodb:BatchWriteItem ${within({ like: ["*/*#marker#*"] })}`,
  ...["BatchGetItem", "UpdateItem"].map(
    (action) => `dynamodb:${action} ${within({ like: ["#health", "#health/*"] })}`,
  ),
  put("commits"),
  put("snapshots"),
  put("views"),
  ...DISPATCH,
];
const MEASURED = ["inbox.fifo", "answers.fifo", "deadlines", "intake", "relay-retries"];
const RIGHTS: Readonly<Record<string, readonly string[]>> = {
  "spine-ingress": [
    ...writeLogs("SpineIngressHandler"),
    ...ADVANCE,
    `dynamodb:UpdateItem ${within({ like: ["#wait/*"] })}`,
    ...["flow", "problem", "state"].map((name) => `dynamodb:Query sessions.Arn/index/${name}`),
  ],
  // It sees no session.
  "spine-intake": [
    ...writeLogs("SpineIntakeHandler"),
    ...consume("spine-intake"),
    send("spine-inbox.fifo"),
    send("spine-intake-dead"),
  ],
  "spine-door": [
    ...writeLogs("SpineDoorHandler"),
    ...ADVANCE,
    `dynamodb:PutItem ${within({ like: ["#beat/*"] })}`,
  ],
  "spine-coordinator": [
    ...writeLogs("SpineCoordinatorHandler"),
    ...ADVANCE,
    ...consume("spine-inbox.fifo"),
    ...consume("spine-answers.fifo"),
    send("spine-intake-dead"),
  ],
  "spine-relay": [
    ...writeLogs("SpineRelayHandler"),
    ...READ_LOG,
    OPEN,
    ...DISPATCH,
    ...["DescribeStream", "GetRecords", "GetShardIterator"].map(
      (action) => `dynamodb:${action} table.StreamArn`,
    ),
    // DynamoDB gives this right for all streams or none.
    "dynamodb:ListStreams *",
    "events:PutEvents event-bus/spine-out",
    "dynamodb:GetItem sessions.Arn",
    "dynamodb:PutItem sessions.Arn",
    ...consume("spine-relay-retries"),
    ...["spine-deadlines", "spine-relay-retries", "spine-relay-retries-dead", "spine-sub-*.fifo"].map(send),
    "states:StartExecution statemachine:SpineFarDeadlinesMachine",
  ],
  "spine-recovery": [
    ...writeLogs("SpineRecoveryHandler"),
    ...READ_LOG,
    OPEN,
    "s3:GetObject bucket.Arn/*",
    "s3:ListBucket bucket.Arn",
    ...["letters", "awaiting", "parked"].map(put),
    "secretsmanager:GetSecretValue secret",
    "states:StartExecution statemachine:SpineRecoveryWatchMachine",
    ...["inbox.fifo", "deadlines"].map((queue) => send(`spine-${queue}`)),
    ...consume("spine-deadlines"),
    ...consume("spine-agent-*-dead.fifo"),
    ...QUEUES.filter(([queue]) => !queue.startsWith("spine-agent-")).flatMap(([queue]) =>
      consume(deadOf(queue)),
    ),
  ],
  "spine-operator": [
    ...writeLogs("SpineOperatorHandler"),
    ...READ_LOG,
    OPEN,
    "dynamodb:Scan table.Arn",
    "s3:GetObject bucket.Arn/*",
    "s3:ListBucket bucket.Arn",
    ...["letters", "awaiting", "parked"].map(put),
    ...["awaiting", "parked"].map((list) => `s3:DeleteObject bucket.Arn/${list}/*`),
    "secretsmanager:GetSecretValue secret",
    "states:StartExecution statemachine:SpineRecoveryWatchMachine",
    ...["inbox.fifo", "answers.fifo", "intake", "relay-retries"].map((queue) => send(`spine-${queue}`)),
    ...["agent-*.fifo", ...MEASURED, ...MEASURED.map(deadOf)].map(
      (queue) => `sqs:GetQueueAttributes spine-${queue}`,
    ),
    // CloudWatch gives this right for all metrics or none, and looks for alarms among all.
    "cloudwatch:GetMetricData *",
    "cloudwatch:DescribeAlarms alarm:*",
  ],
  // It changes nothing but its own permits, and sends nothing.
  "spine-stream": [
    ...writeLogs("SpineStreamHandler"),
    ...READ_LOG,
    OPEN,
    "s3:GetObject bucket.Arn/commits/*/*",
    "s3:GetObject bucket.Arn/snapshots/*/*",
    "s3:ListBucket bucket.Arn",
    `dynamodb:UpdateItem ${within({ like: ["#stream/*"] })}`,
  ],
  ...Object.fromEntries(AGENTS.map((agent) => [`spine-agent-${agent}`, agentRights(agent)])),
};

/** All that an agent may do with the spine's resources. */
export function agentRights(agent: string, logId = `SpineAgent${agent}Host`): readonly string[] {
  return [
    ...writeLogs(logId),
    "lambda:InvokeFunction function:spine-door",
    send("spine-answers.fifo"),
    ...consume(`spine-agent-${agent}.fifo`),
    ...consume(`spine-agent-${agent}-express.fifo`),
  ];
}

const rights: PromiseCheck = (template) => {
  const found = rightsOf(template);
  for (const [name, expected] of Object.entries(RIGHTS))
    assert.deepEqual(found[name], expected.toSorted(), name);
};

/** Each row is one promise of the deployed spine. */
export const PROMISES: Readonly<Record<string, PromiseCheck>> = {
  "every queue is encrypted, keeps messages for 14 days and gives up after its receives; FIFO ones have high throughput":
    queues,
  "every queue refuses plain HTTP; only the rule of spine-in may send to the intake": queuePolicies,
  "every function runs Node 24 on arm64, may loop, and knows its own variables only": functions,
  "every mapping reports partial failures and has its bulkhead; agents take one task at a time": mappings,
  "every function has the rights that it needs and no other": rights,
  "spine-out admits the relay only": buses,
  ...INTAKE_PROMISES,
  ...STORE_PROMISES,
  ...ROLE_PROMISES,
  ...RECOVERY_PROMISES,
  ...alarmPromises(AGENTS),
};
