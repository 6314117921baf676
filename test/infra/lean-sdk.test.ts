import { buildSync, type BuildOptions } from "esbuild";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { buildFunction } from "../../infra/build-function.ts";
import { pathOf } from "../../infra/customer-care-stack.ts";
import { buildWithLeanSdk } from "../../infra/esbuild-sync.ts";
import { LEAN_MODULES } from "../../infra/lean-sdk.ts";

const folder = mkdtempSync(join(tmpdir(), "spine-lean-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Module = Readonly<Record<string, unknown>>;
let built = 0;

/** A module of a package as bundles have it, and as the package has it. */
async function bothForms(path: string): Promise<readonly [lean: Module, full: Module]> {
  const options: BuildOptions = {
    stdin: { contents: `export * from "./node_modules/${path}";`, resolveDir: pathOf("") },
    bundle: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    write: false,
  };
  const [lean, full] = [buildWithLeanSdk(options), buildSync({ ...options, write: false })].map(
    ({ outputFiles }) => {
      const file = join(folder, `${(built += 1)}.mjs`);
      writeFileSync(file, outputFiles[0]?.contents ?? "");
      return file;
    },
  );
  if (lean === undefined || full === undefined) throw new Error("Nothing was built.");
  const load = (file: string) => import(pathToFileURL(file).href) as Promise<Module>;
  return [await load(lean), await load(full)];
}

type ErrorClass = new (options: object) => Error & { readonly $fault: string };

const described = (make: unknown) => {
  const made = new (make as ErrorClass)({
    message: "told",
    $metadata: { httpStatusCode: 400 },
    Item: { pk: { S: "a" } },
    Reason: "why",
    CancellationReasons: [{ Code: "None" }],
    ThrottlingReasons: [{ reason: "much" }],
    Type: "Sender",
    retryAfterSeconds: "3",
  });
  const { name, message, $fault } = made;
  const { shapeId } = make as { readonly shapeId?: string };
  return {
    name,
    message,
    $fault,
    shapeId,
    own: { ...made },
    error: made instanceof Error,
    text: String(made),
  };
};

describe("the SDK in bundles", () => {
  test("has each lean module where the SDK has the full one", () => {
    const inputs = ["coordinator", "relay"].flatMap(
      (name) => buildFunction(pathOf(`functions/${name}/handler.ts`)).initInputs,
    );
    // One that keeps nothing but a few calls may be dropped whole; its importer tells that it was there.
    for (const { path, because } of LEAN_MODULES) {
      expect([because, inputs.some((input) => path.test(input))]).toEqual([because, true]);
    }
  });

  test.each(["dynamodb", "sqs", "eventbridge", "lambda", "s3"])(
    "knows every error of %s as before",
    async (name) => {
      const [lean, full] = await bothForms(`@aws-sdk/client-${name}/dist-es/models/errors.js`);
      expect(Object.keys(lean)).toEqual(Object.keys(full));
      expect(Object.keys(full).length).toBeGreaterThan(5);
      for (const [error, make] of Object.entries(full))
        expect(described(lean[error])).toEqual(described(make));
    },
  );

  test("throws what DynamoDB answers as before: name, message, fault, fields", async () => {
    const forms = await bothForms("@aws-sdk/client-dynamodb/dist-es/index.js");
    for (const { status, type, fields = {} } of ANSWERS) {
      const [lean, full] = await answering(status, { __type: type, message: "told", ...fields }, (endpoint) =>
        Promise.all(forms.map((sdk) => thrownBy(sdk, endpoint))),
      );
      expect(full).toMatchObject({ message: "told", name: type.split("#").at(-1) });
      expect(lean).toEqual(full);
    }
  });

  test("finds the partition of every Region as before", async () => {
    const [{ partition: lean }, { partition: full }] = await bothForms(`${ENDPOINTS}/partition.js`);
    const [, { partitionsInfo }] = await bothForms(`${ENDPOINTS}/partitions.js`);
    const { partitions } = partitionsInfo as { readonly partitions: readonly { readonly regions: object }[] };
    const regions = partitions.flatMap((one) => Object.keys(one.regions));
    expect(regions.length).toBeGreaterThan(30);
    for (const region of [...regions, "eu-nowhere-9", "moon"]) {
      const { description: _, ...expected } = (full as Partition)(region);
      const { description: __, ...found } = (lean as Partition)(region);
      expect([region, found]).toEqual([region, expected]);
    }
  });
});

const ENDPOINTS = "@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws";
type Partition = (region: string) => Readonly<Record<string, unknown>>;

/** What services answer with; names that are tried again, too. */
const ANSWERS: readonly {
  readonly status: number;
  readonly type: string;
  readonly fields?: object;
}[] = [
  {
    status: 400,
    type: "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
    fields: { Item: { pk: { S: "a" } } },
  },
  {
    status: 400,
    type: "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    fields: { CancellationReasons: [{ Code: "ConditionalCheckFailed" }, { Code: "None" }] },
  },
  { status: 400, type: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException" },
  { status: 500, type: "com.amazonaws.dynamodb.v20120810#InternalServerError" },
  { status: 400, type: "com.amazon.coral.service#ThrottlingException" },
  { status: 503, type: "ServiceUnavailable" },
];

async function answering<T>(status: number, body: object, run: (endpoint: string) => Promise<T>): Promise<T> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
    response.end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // Listening on a port, so it has an address with one.
  const { port } = server.address() as AddressInfo;
  try {
    return await run(`http://127.0.0.1:${port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** All that a caller can see of an error. */
async function thrownBy(sdk: Module, endpoint: string): Promise<object> {
  const Client = sdk["DynamoDBClient"] as new (config: object) => { send(command: object): Promise<unknown> };
  const Command = sdk["PutItemCommand"] as new (input: object) => object;
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const made = new Client({ endpoint, region: "eu-west-1", credentials, maxAttempts: 1 });
  try {
    await made.send(new Command({ TableName: "log", Item: {} }));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { name, message } = error;
    const { $response: _, $metadata, stack: __, ...fields } = { ...error } as Record<string, unknown>;
    const { httpStatusCode } = $metadata as { readonly httpStatusCode: number };
    return { name, message, httpStatusCode, fields };
  }
  throw new Error("Nothing was thrown.");
}
