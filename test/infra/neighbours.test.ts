import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { describe, expect, test } from "vitest";
import { bundledCode } from "../../infra/bundling/bundle.ts";
import { EventSpine } from "../../infra/constructs/event-spine.ts";
import { OrderedSubscription } from "../../infra/constructs/ordered-subscription.ts";
import { SpineAgent } from "../../infra/constructs/spine-agent.ts";
import { CustomerCareStack, pathOf } from "../../infra/stacks/customer-care-stack.ts";
import { RecommendationStack } from "../../infra/stacks/recommendation-stack.ts";
import { recommendation } from "#contracts/recommendation.ts";
import { newApp, newSpine, SPINE, templateOf, templatesOf, type TemplateJson } from "./fixture.ts";
import { readable } from "./intrinsics.ts";
import { agentRights } from "./promises.ts";
import { rightsOf } from "./rights.ts";

const entry = pathOf("functions/agents/recommendation/handler.ts");
const queuesIn = (template: TemplateJson) =>
  Object.values(template.Resources).flatMap(({ Properties }) => Properties?.["QueueName"] ?? []);
const variablesOf = (template: TemplateJson, name: string) => {
  const found = Object.values(template.Resources).find(
    ({ Properties }) => Properties?.["FunctionName"] === name,
  );
  return (readable(template, found?.Properties?.["Environment"]) as { readonly Variables: object }).Variables;
};
const policiesOf = (template: TemplateJson, type = "AWS::IAM::Policy") =>
  Object.values(template.Resources).flatMap(({ Type, Properties }) =>
    Type === type ? [readable(template, Properties) as Record<string, unknown>] : [],
  );

describe("an agent in a stack of its own", () => {
  test("finds the spine by its prefix, and has an agent's rights and no others", () => {
    const app = newApp();
    new RecommendationStack(app, "Alone", { prefix: "shop" });
    const template = templateOf(app, "Alone");
    expect(queuesIn(template)).toEqual([
      "shop-agent-recommendation-dead.fifo",
      "shop-agent-recommendation.fifo",
      "shop-agent-recommendation-express-dead.fifo",
      "shop-agent-recommendation-express.fifo",
    ]);
    expect(rightsOf(template)["shop-agent-recommendation"]).toEqual(
      agentRights("recommendation", "RecommendationHost")
        .map((right) => right.replace("spine-", "shop-").replace("spine-", "shop-"))
        .toSorted(),
    );
    expect(variablesOf(template, "shop-agent-recommendation")).toEqual({
      AGENT_NAME: "recommendation",
      DOOR_FUNCTION: "shop-door",
      QUEUE_PREFIX: "https://sqs.region.urlsuffix/accountid/shop-",
    });
  });

  test("sends its dead letters to the spine's recovery", () => {
    const app = newApp();
    new RecommendationStack(app, "Alone");
    const consumers = policiesOf(templateOf(app, "Alone"), "AWS::Lambda::EventSourceMapping").map(
      ({ EventSourceArn, FunctionName }) =>
        `${String(EventSourceArn).split(":").at(-1)} ${String(FunctionName)}`,
    );
    expect(consumers.toSorted()).toEqual([
      "spine-agent-recommendation-dead.fifo spine-recovery",
      "spine-agent-recommendation-express-dead.fifo spine-recovery",
      "spine-agent-recommendation-express.fifo spine-agent-recommendation",
      "spine-agent-recommendation.fifo spine-agent-recommendation",
    ]);
  });

  test("changes nothing in the spine's stack, even if it gets the spine object", () => {
    const spineOf = (withNeighbour: boolean) => {
      const app = newApp();
      const { spine } = new CustomerCareStack(app, "Main");
      if (withNeighbour)
        new SpineAgent(new Stack(app, "Other"), "A", { spine, contract: recommendation, entry });
      return templatesOf(app);
    };
    const { Main, Other } = spineOf(true);
    expect(Main).toEqual(spineOf(false)["Main"]);
    expect(JSON.stringify(Other)).not.toContain("Fn::ImportValue");
  });

  test("may be a function in any language", () => {
    const stack = new Stack(newApp(), "Test");
    const own = new lambda.Function(stack, "Python", {
      runtime: lambda.Runtime.PYTHON_3_13,
      handler: "index.handler",
      code: lambda.Code.fromInline("def handler(event, context): pass"),
    });
    const spine = EventSpine.fromName(stack, "Spine");
    const contract = { spec: { ...recommendation.spec, timeoutMs: 3_000 } };
    new SpineAgent(stack, "Agent", { spine, contract, function: own });
    const template = templateOf(stack.node.root as ReturnType<typeof newApp>, "Test");
    const made = policiesOf(template, "AWS::Lambda::Function");
    expect(made).toHaveLength(1);
    expect(made[0]).toMatchObject({
      RecursiveLoop: "Allow",
      Environment: { Variables: { DOOR_FUNCTION: "spine-door", AGENT_NAME: "recommendation" } },
    });
  });

  test("without an express lane has one queue", () => {
    const app = newApp();
    const stack = new Stack(app, "Test");
    const spine = EventSpine.fromName(stack, "Spine");
    new SpineAgent(stack, "A", { spine, contract: recommendation, entry, express: false });
    expect(queuesIn(templateOf(app, "Test"))).toEqual([
      "spine-agent-recommendation-dead.fifo",
      "spine-agent-recommendation.fifo",
    ]);
  });

  test("takes its code in exactly one way: an entry or a function", () => {
    const stack = new Stack(newApp(), "Test");
    const spine = EventSpine.fromName(stack, "Spine");
    expect(() => new SpineAgent(stack, "A", { spine, contract: recommendation })).toThrow(
      /needs either entry or function/,
    );
  });
});

describe("an ordered subscription", () => {
  test("is a FIFO queue of its own that the relay finds by name", () => {
    const { stack, spine } = newSpine({ subscriptions: ["audit"] });
    new OrderedSubscription(stack, "Ledger", { spine, name: "ledger" });
    const template = templateOf(stack.node.root as ReturnType<typeof newApp>, "Test");
    expect(queuesIn(template)).toEqual(
      expect.arrayContaining(["spine-sub-ledger.fifo", "spine-sub-ledger-dead.fifo"]),
    );
    expect(variablesOf(template, "spine-relay")).toMatchObject({ SUBSCRIPTIONS: "audit,ledger" });
  });

  test("lets the relay store its progress, which it may only when there is a subscription", () => {
    const keeps =
      'dynamodb:UpdateItem table.Arn if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["#progress/*"]}}';
    const rightsWith = (prepare: (stack: Stack, spine: EventSpine) => unknown, props = {}) => {
      const { stack, spine } = newSpine(props);
      prepare(stack, spine);
      return rightsOf(templateOf(stack.node.root as ReturnType<typeof newApp>, "Test"))["spine-relay"];
    };
    const nobody = () => undefined;
    expect(rightsWith(nobody)?.filter((right) => right.includes("UpdateItem"))).toEqual([]);
    expect(rightsWith(nobody, { subscriptions: ["audit"] })).toContain(keeps);
    const own = rightsWith(
      (stack, spine) => new OrderedSubscription(stack, "Ledger", { spine, name: "ledger" }),
    );
    expect(own?.filter((right) => right.includes("UpdateItem"))).toEqual([keeps]);
  });

  test("gives its consumer the right to that queue and no other", () => {
    const stack = new Stack(newApp(), "Test");
    const consumer = new lambda.Function(stack, "Consumer", {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: "index.handler",
      code: lambda.Code.fromInline("exports.handler = async () => {}"),
    });
    const spine = EventSpine.fromName(stack, "Spine");
    new OrderedSubscription(stack, "Ledger", { spine, name: "ledger" }).addConsumer(consumer);
    const template = templateOf(stack.node.root as ReturnType<typeof newApp>, "Test");
    const resources = policiesOf(template).map(({ PolicyDocument }) => JSON.stringify(PolicyDocument));
    expect(resources).toHaveLength(1);
    expect(resources[0]).toContain('"Resource":"arn:partition:sqs:region:accountid:spine-sub-ledger.fifo"');
    const [mapping] = policiesOf(template, "AWS::Lambda::EventSourceMapping");
    expect(mapping).toMatchObject({ BatchSize: 10, FunctionResponseTypes: ["ReportBatchItemFailures"] });
  });
});

describe("the users of a spine", () => {
  const granted = (grant: (spine: EventSpine, role: iam.Role) => unknown): string => {
    const { stack, spine } = newSpine();
    const role = new iam.Role(stack, "Role", { assumedBy: new iam.AccountRootPrincipal() });
    grant(spine, role);
    const template = templateOf(stack.node.root as ReturnType<typeof newApp>, "Test");
    const own = policiesOf(template).filter(({ Roles }) => JSON.stringify(Roles).includes("role:Role"));
    return JSON.stringify(own.map(({ PolicyDocument }) => PolicyDocument));
  };

  test("put inputs on spine-in with grantPublish", () => {
    const policy = granted((spine, role) => spine.grantPublish(role));
    expect(policy).toContain('"Action":"events:PutEvents"');
    expect(policy).toContain("event-bus/spine-in");
    expect(policy).not.toContain("spine-out");
  });

  test("send over HTTP with grantSend, and cannot invoke the function around its URL", () => {
    const policy = granted((spine, role) => spine.grantSend(role));
    expect(policy).toContain("lambda:InvokeFunctionUrl");
    expect(policy).toContain(
      '"Action":"lambda:InvokeFunction","Condition":{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}',
    );
  });

  test("read sessions with grantReadSession, and change nothing", () => {
    const policy = granted((spine, role) => spine.grantReadSession(role));
    for (const action of ["dynamodb:GetItem", "dynamodb:Query", "s3:GetObject"])
      expect(policy).toContain(action);
    expect(policy).not.toMatch(/Put|Update|Delete|Write|"Resource":"\*"/);
    // What agents are shown, letters and their lists are nobody's to read beside the functions.
    expect(policy).toMatch(/\/snapshots\/\*/);
    expect(policy).not.toMatch(/views|letters|s3:ListBucket|Arn\/\*/);
  });

  test("read the sessions of one tenant with grantReadSession, and none of another", () => {
    const policy = granted((spine, role) => spine.grantReadSession(role, "acme"));
    expect(policy).toMatch(/\/commits\/acme\/\*.*\/snapshots\/acme\/\*/);
    // Flows are of no tenant.
    expect(policy).toContain('"dynamodb:LeadingKeys":["acme/*","#flow/*"]');
    expect(policy.match(/"Action"/g)).toHaveLength(2);
    expect(() => granted((spine, role) => spine.grantReadSession(role, "*"))).toThrow(/tenant/);
  });

  test("operate with grantOperate, through the URL of the operator function only", () => {
    const policy = granted((spine, role) => spine.grantOperate(role));
    expect(policy).toContain(
      '"Action":"lambda:InvokeFunction","Condition":{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}',
    );
    expect(policy).toContain('"Action":["lambda:GetFunctionUrlConfig","lambda:InvokeFunctionUrl"]');
    expect(policy.match(/function:spine-operator/g)).toHaveLength(2);
    expect(policy.match(/"Action"/g)).toHaveLength(2);
  });

  test("have no tenant in a version of ingress and intake that reads tenants from its environment", () => {
    const tenants = {
      "arn:aws:iam::111122223333:role/shop": "shop",
      "111122223333/com.example.shop": "shop",
    };
    const stack = new Stack(newApp(), "Test");
    const shop = iam.Role.fromRoleArn(stack, "Shop", "arn:aws:iam::111122223333:role/shop");
    const producers = [{ source: "com.example.shop", roles: [shop] }];
    new EventSpine(stack, "Spine", { ...SPINE, tenants, producers });
    const template = templateOf(stack.node.root as ReturnType<typeof newApp>, "Test");
    for (const name of ["spine-ingress", "spine-intake"])
      expect(variablesOf(template, name)).toMatchObject({ TENANTS: "{}" });
  });

  test("are admitted by a file beside the code of ingress and intake, however many they are", () => {
    const many = Array.from({ length: 500 }, (_, at) => `arn:aws:iam::111122223333:role/producer-${at}`);
    const callers = {
      tenants: Object.fromEntries(many.map((arn, at) => [arn, `tenant-${at}`])),
      rights: Object.fromEntries(many.map((arn) => [arn, ["send", "read"] as const])),
    };
    const template = templateOf(newSpine(callers).stack.node.root as ReturnType<typeof newApp>, "Test");
    const bytes = JSON.stringify(variablesOf(template, "spine-ingress")).length;
    const without = templateOf(
      newSpine({ tenants: {} }).stack.node.root as ReturnType<typeof newApp>,
      "Test",
    );
    expect(bytes).toBe(JSON.stringify(variablesOf(without, "spine-ingress")).length);
  });

  test("are in a file of the asset, whose name changes with it", () => {
    const app = newApp({ bundle: true });
    const entry = pathOf("functions/agents/recommendation/handler.ts");
    const texts = ['{"rights":{"*":["read"]}}', '{"rights":{"*":["send"]}}'];
    for (const [at, text] of texts.entries()) {
      const code = bundledCode(new Stack(app, `Test${at}`), entry, undefined, { "callers.json": text });
      new lambda.Function(app.node.findChild(`Test${at}`), "Function", {
        code,
        runtime: lambda.Runtime.NODEJS_24_X,
        handler: "index.handler",
      });
    }
    const { directory } = app.synth();
    const written = readdirSync(directory).flatMap((name) => {
      const path = join(directory, name, "callers.json");
      return existsSync(path) ? [readFileSync(path, "utf8")] : [];
    });
    expect(written.toSorted()).toEqual(texts);
  });

  const SHOP = { "arn:aws:iam::111122223333:role/shop": "shop", "444455556666": "crm" };

  test("send within the quotas of ingress and intake, which may delay the excess", () => {
    const quotas = { "*": { perSecond: 50 }, shop: { perSecond: 0.5, burst: 10 } };
    const { stack } = newSpine({ tenants: SHOP, quotas });
    const template = templateOf(stack.node.root as ReturnType<typeof newApp>, "Test");
    for (const name of ["spine-ingress", "spine-intake"])
      expect(variablesOf(template, name)).toMatchObject({ QUOTAS: '{"*":[50,50],"shop":[0.5,10]}' });
    const rights = rightsOf(template)["spine-intake"];
    expect(rights).toContain("sqs:SendMessage spine-intake");
    const counters = ' if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["#quota/*"]}}';
    expect(rights?.filter((right) => right.startsWith("dynamodb:"))).toEqual([
      `dynamodb:GetItem table.Arn${counters}`,
      `dynamodb:UpdateItem table.Arn${counters}`,
    ]);
  });

  test.each([
    [{ shopp: { perSecond: 1 } }, /quotas\.shopp is nobody's\. The tenants are: \*, shop, crm/],
    [{ shop: { perSecond: 0 } }, /quotas\.shop has perSecond 0\. Give a number above 0/],
    [{ "*": { perSecond: 1, burst: 0 } }, /quotas\.\* has burst 0\. Give a whole number/],
  ])("cannot have an invalid quota: %j", (quotas, problem) => {
    expect(() => newSpine({ tenants: SHOP, quotas })).toThrow(problem);
  });

  test("cannot have quotas that exceed the function's environment", () => {
    const many = Array.from({ length: 250 }, (_, at) => `tenant-${at}`);
    const tenants = Object.fromEntries(
      many.map((tenant) => [`arn:aws:iam::111122223333:role/${tenant}`, tenant]),
    );
    const quotas = Object.fromEntries(many.map((tenant) => [tenant, { perSecond: 1 }]));
    const { stack } = newSpine({ tenants, quotas });
    expect(() => templateOf(stack.node.root as ReturnType<typeof newApp>, "Test")).toThrow(
      /The environment of spine-ingress has about \d+ bytes; Lambda allows 4096/,
    );
  });

  test("cannot use another's source on spine-in, or a source that belongs to no producer", () => {
    const stack = new Stack(newApp(), "Test");
    const shop = new iam.Role(stack, "Shop", { assumedBy: new iam.AccountRootPrincipal() });
    new EventSpine(stack, "Spine", { ...SPINE, producers: [{ source: "com.example.shop", roles: [shop] }] });
    const template = templateOf(stack.node.root as ReturnType<typeof newApp>, "Test");
    const statements = policiesOf(template, "AWS::Events::EventBusPolicy").flatMap(
      ({ EventBusName, Statement }) =>
        EventBusName === "spine-in" ? [Statement as Record<string, unknown>] : [],
    );
    expect(statements.map(({ Effect, Condition }) => ({ Effect, Condition }))).toEqual([
      {
        Effect: "Deny",
        Condition: { "ForAnyValue:StringNotEquals": { "events:source": ["com.example.shop"] } },
      },
      {
        Effect: "Deny",
        Condition: {
          "ForAnyValue:StringEquals": { "events:source": "com.example.shop" },
          ArnNotEquals: { "aws:PrincipalArn": ["role:Shop.Arn"] },
        },
      },
    ]);
  });

  test("let the agents call a Bedrock model when one is named, and that model only", () => {
    const app = newApp();
    new CustomerCareStack(app, "Main", { bedrockModel: "eu.vendor.model-v1:0" });
    const template = templateOf(app, "Main");
    const bedrock = Object.entries(rightsOf(template)).flatMap(([name, rights]) =>
      rights.filter((right) => right.startsWith("bedrock:")).map((right) => `${name} ${right}`),
    );
    const resources = [
      "arn:partition:bedrock:*::foundation-model/vendor.model-v1:0",
      "inference-profile/eu.vendor.model-v1:0",
    ];
    expect(bedrock.toSorted()).toEqual(
      ["inquiry", "reply"].flatMap((agent) =>
        resources.map((resource) => `spine-agent-${agent} bedrock:InvokeModel ${resource}`),
      ),
    );
    expect(variablesOf(template, "spine-agent-reply")).toMatchObject({
      BEDROCK_MODEL_ID: "eu.vendor.model-v1:0",
    });
  });
});
