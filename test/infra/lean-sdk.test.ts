import { buildSync, type BuildOptions } from "esbuild";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
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

/** Modules of packages as bundles have them, and as the packages have them. */
async function bothForms(...paths: readonly string[]): Promise<readonly [lean: Module, full: Module]> {
  const options: BuildOptions = {
    stdin: {
      contents: paths.map((path) => `export * from "./node_modules/${path}";`).join("\n"),
      resolveDir: pathOf(""),
    },
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

  test.each([
    ["dynamodb", "DynamoDBClient", "GetItemCommand", { TableName: "log", Key: { pk: { S: "a" } } }],
    [
      "sqs",
      "SQSClient",
      "SendMessageCommand",
      { QueueUrl: "https://sqs.eu-west-1.amazonaws.com/1/q", MessageBody: "b" },
    ],
  ] as const)("tells every error of %s by the name that it had", async (name, client, command, input) => {
    const [lean, full] = await bothForms(
      `@aws-sdk/client-${name}/dist-es/${client}.js`,
      `@aws-sdk/client-${name}/dist-es/commands/${command}.js`,
    );
    const [, errors] = await bothForms(`@aws-sdk/client-${name}/dist-es/models/errors.js`);
    const known = Object.entries(errors).map(([error, make]) => [error, described(make).$fault] as const);
    for (const [error, fault] of [...known, ["NobodyKnowsThis", "client"] as const]) {
      const statusCode = fault === "server" ? 500 : 400;
      const answer = { statusCode, body: { __type: `com.amazonaws.${name}#${error}`, message: "told" } };
      const [found, expected] = await Promise.all(
        // Modules of a client have these classes, whatever form they are in.
        [lean, full].map((sdk) => askOf(sdk as Sdk, client, command, input, answer)),
      );
      expect(found).toEqual(expected);
      expect(found).toMatchObject({ name: error, message: "told" });
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

type Sdk = Readonly<Record<string, new (options: object) => { send(command: object): Promise<unknown> }>>;

/** What a client makes of a service's answer. */
async function askOf(
  sdk: Sdk,
  client: string,
  command: string,
  input: object,
  { statusCode, body }: { readonly statusCode: number; readonly body: object },
) {
  const [Client, Command] = [sdk[client], sdk[command]];
  if (Client === undefined || Command === undefined) throw new Error(`${client} or ${command} is not there.`);
  const response = { statusCode, headers: {}, body: Readable.from([Buffer.from(JSON.stringify(body))]) };
  const asked = new Client({
    region: "eu-west-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    maxAttempts: 1,
    requestHandler: { handle: () => Promise.resolve({ response }) },
  }).send(new Command(input));
  const thrown = await asked.then(
    () => undefined,
    (error: Error & { readonly $fault?: string }) => error,
  );
  return { name: thrown?.name, message: thrown?.message, fault: thrown?.$fault };
}
