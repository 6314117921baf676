import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { clientDefaults, lean, QUICK } from "#aws/clients.ts";

interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A client whose requests end here, each with the key that it asked for. */
function listeningClient(sent: Sent[]) {
  const { requestHandler: _, ...defaults } = clientDefaults(QUICK);
  return lean(
    new DynamoDBClient({
      ...defaults,
      region: "eu-west-1",
      requestHandler: {
        handle: async ({ headers, body }: Sent) => {
          sent.push({ headers, body });
          const { Key } = JSON.parse(new TextDecoder().decode(body)) as { readonly Key: unknown };
          await Promise.resolve();
          const answer = new TextEncoder().encode(JSON.stringify({ Item: Key }));
          return { response: { statusCode: 200, headers: {}, body: answer } };
        },
      },
    }),
  );
}

const get = (id: string) => new GetItemCommand({ TableName: "t", Key: { pk: { S: id } } });

describe("a lean client", () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ["DynamoDB", new DynamoDBClient()],
    ["SQS", new SQSClient()],
    ["Lambda", new LambdaClient()],
    ["EventBridge", new EventBridgeClient()],
  ])("of %s has lost what costs and tells nobody anything, and nothing else", (_name, client) => {
    const before = client.middlewareStack.identify();
    const namesOf = (steps: readonly string[]) => steps.map((step) => step.split(" ")[0]).sort();

    const after = namesOf(lean(client).middlewareStack.identify());

    const kept = namesOf(before).filter(
      (name) => name !== "loggerMiddleware" && name !== "getUserAgentMiddleware",
    );
    expect({ lost: before.length - kept.length, after }).toEqual({
      lost: 2,
      after: [...kept, "nameProgram"].sort(),
    });
  });

  it("signs, names its program and carries the trace that Lambda's loop detection needs", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "spine-door");
    vi.stubEnv("_X_AMZN_TRACE_ID", "Root=1-00000000-000000000000000000000000;Lineage=1:00000000:0");
    const sent: Sent[] = [];

    await listeningClient(sent).send(get("a"));

    expect(sent[0]?.headers).toMatchObject({
      authorization: expect.stringMatching(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\//) as string,
      "user-agent": "event-spine aws-sdk-js/3",
      "X-Amzn-Trace-Id": "Root=1-00000000-000000000000000000000000;Lineage=1:00000000:0",
    });
  });

  it("keeps calls of one kind apart that are under way at once", async () => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    const client = listeningClient([]);
    const ids = Array.from({ length: 20 }, (_, at) => `item-${at}`);

    const answers = await Promise.all(ids.map((id) => client.send(get(id))));

    expect(answers.map(({ Item }) => Item?.["pk"]?.S)).toEqual(ids);
  });
});
