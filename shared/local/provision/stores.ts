import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createTableStream, type StreamView } from "../dynamodb/table-stream.ts";
import { parsePolicy, type Statement } from "../iam/iam-policy.ts";
import { keepKey } from "../kms/kept-keys.ts";
import { createFolderObjects, createMemoryObjects } from "../s3/object-store.ts";
import { createLocalSecret } from "../secrets/local-secret.ts";
import type { Properties } from "../template/properties.ts";
import type { Resource } from "../template/template.ts";
import { lastPart, type Site } from "./site.ts";

export async function provisionTable(resource: Resource, site: Site): Promise<void> {
  const properties = resource.properties();
  const name = resource.identity.ref;
  const arn = resource.identity.attributes["Arn"] ?? "";
  const keys = keySchemaOf(properties);
  const attributes = properties.raw("AttributeDefinitions");
  properties.only("BillingMode", "PAY_PER_REQUEST");
  const indexes = properties.objects("GlobalSecondaryIndexes").map((index) => {
    const read = {
      IndexName: index.text("IndexName"),
      KeySchema: keySchemaOf(index),
      Projection: index.raw("Projection"),
    };
    index.done();
    return read;
  });
  const view = properties.optionalObject("StreamSpecification")?.text("StreamViewType");
  properties.withoutLocalMeaning({
    TableName: "it is part of the table's identity",
    DeletionProtectionEnabled: "no one deletes tables here",
    PointInTimeRecoverySpecification: "a data folder is backed up like any folder",
    SSESpecification: "a data folder is encrypted like any folder",
    TimeToLiveSpecification: "AWS takes days to delete what has expired, so nothing may rely on it",
    Tags: "there is no billing here",
  });
  properties.done();

  const table = {
    TableName: name,
    AttributeDefinitions: attributes,
    KeySchema: keys,
    BillingMode: "PAY_PER_REQUEST",
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
  };
  const { status, body } = await site.store.call("CreateTable", table);
  // A folder of data has the table from an earlier start.
  if (status !== 200 && !String(body["__type"]).endsWith("ResourceInUseException")) {
    throw new Error(`${resource.path}: ${JSON.stringify(body)}`);
  }
  for (let ready = false; !ready;) {
    const described = await site.store.call("DescribeTable", { TableName: name });
    ready = JSON.stringify(described.body["Table"]).includes('"TableStatus":"ACTIVE"');
  }
  const keyOf = (type: string) => keys.find(({ KeyType }) => KeyType === type)?.AttributeName;
  const partitionKey = keyOf("HASH");
  if (partitionKey === undefined) throw new Error(`${resource.path} has no partition key.`);
  const stream =
    view === undefined
      ? undefined
      : createTableStream({
          arn: resource.identity.attributes["StreamArn"] ?? "",
          region: site.addresses.region,
          view: view as StreamView, // CloudFormation's four values
          partitionKey,
          now: () => site.clock.now(),
        });
  if (stream !== undefined) site.streams.set(stream.arn, stream);
  const sortKey = keyOf("RANGE");
  site.tables.set(name, {
    name,
    arn,
    stream,
    partitionKey,
    indexes: new Map(
      indexes.map(({ IndexName, KeySchema }) => [
        IndexName,
        KeySchema.find(({ KeyType }) => KeyType === "HASH")?.AttributeName ?? "",
      ]),
    ),
    keyOf: (item) => ({
      [partitionKey]: item[partitionKey],
      ...(sortKey !== undefined && { [sortKey]: item[sortKey] }),
    }),
  });
}

const keySchemaOf = (properties: Properties) =>
  properties.objects("KeySchema").map((key) => ({
    AttributeName: key.text("AttributeName"),
    KeyType: key.text("KeyType"),
  }));

export function provisionBucket(resource: Resource, { buckets, dataDir }: Site): void {
  const properties = resource.properties();
  properties.withoutLocalMeaning({
    BucketName: "it is part of the bucket's identity",
    BucketEncryption: "a data folder is encrypted like any folder",
    LifecycleConfiguration: "rules take effect after days",
    OwnershipControls: "there is one owner",
    PublicAccessBlockConfiguration: "the endpoint is on loopback, and has no access lists",
    VersioningConfiguration: "objects are written once, and read as their newest version",
    Tags: "there is no billing here",
  });
  properties.done();
  const name = resource.identity.ref;
  const objects =
    dataDir === undefined ? createMemoryObjects() : createFolderObjects(join(dataDir, "objects", name));
  buckets.set(name, { name, objects });
}

/** Kept for the bucket as a whole; requests ask for the bucket or for objects in it. */
export function provisionBucketPolicy(resource: Resource, { access }: Site): void {
  const properties = resource.properties();
  const bucket = `arn:aws:s3:::${properties.text("Bucket")}`;
  access.setResourcePolicy(bucket, parsePolicy(properties.raw("PolicyDocument"), resource.path, "resource"));
  properties.done();
}

export function provisionSecret(resource: Resource, site: Site): void {
  const properties = resource.properties();
  const generated = properties.optionalObject("GenerateSecretString");
  const length = generated?.optionalNumber("PasswordLength") ?? 32;
  generated?.withoutLocalMeaning({
    ExcludePunctuation: "the local value is letters and digits",
    ExcludeCharacters: "the local value is letters and digits",
    IncludeSpace: "the local value is letters and digits",
    RequireEachIncludedType: "the local value is letters and digits",
  });
  generated?.done();
  const given = properties.optionalText("SecretString");
  properties.withoutLocalMeaning({
    Name: "it is part of the secret's identity",
    Description: "for people",
    KmsKeyId: "the value is a random one of this machine",
    Tags: "there is no billing here",
  });
  properties.done();
  const arn = resource.identity.ref;
  const name = lastPart(arn).replace(/-[^-]{6}$/, "");
  const { dataDir, clock } = site;
  const value = given ?? secretValue(dataDir, name, length);
  if (dataDir !== undefined) mkdirSync(join(dataDir, "secrets"), { recursive: true });
  const file = dataDir === undefined ? undefined : join(dataDir, "secrets", `${name}.versions.json`);
  site.secrets.push(createLocalSecret({ arn, name, value, file, now: clock.now }));
}

/** A key whose own policy leaves it to IAM which of the account's identities may use it, and may let services in. */
export function provisionKey(resource: Resource, { access, keys, dataDir, addresses }: Site): void {
  const properties = resource.properties();
  const policy = parsePolicy(properties.raw("KeyPolicy"), resource.path, "resource");
  const root = `arn:aws:iam::${addresses.account}:root`;
  const isForServices = ({ principals }: Statement) => principals.every(({ type }) => type === "service");
  const forServices = policy.filter(isForServices);
  const others = policy.filter((statement) => !isForServices(statement));
  const leavesItToIam = others.every(
    ({ effect, actions, principals }) =>
      effect === "Allow" &&
      actions.join() === "kms:*" &&
      principals.every((principal) => principal.type === "aws" && principal.arn === root),
  );
  if (!leavesItToIam || others.length === 0)
    throw new Error(
      `${resource.path}: only a key policy that delegates to the account's IAM identities is supported here.`,
    );
  properties.withoutLocalMeaning({
    Description: "for people",
    EnableKeyRotation: "the key is one of this machine",
    PendingWindowInDays: "no one deletes keys here",
  });
  const tags = Object.fromEntries(
    properties.objects("Tags").map((tag) => {
      const pair = [tag.text("Key"), tag.text("Value")] as const;
      tag.done();
      return pair;
    }),
  );
  properties.done();
  const arn = resource.identity.attributes["Arn"] ?? "";
  const material = secretValue(dataDir, `key-${lastPart(arn, "/")}`, 64);
  if (forServices.length > 0) access.setResourcePolicy(arn, forServices);
  const key = { arn, tags, material: Buffer.from(material, "hex") };
  const kept = keys.findIndex((known) => known.arn === arn);
  keys.splice(kept === -1 ? keys.length : kept, 1, key);
  if (dataDir !== undefined && resource.retained) keepKey(dataDir, key);
}

/** A generated secret lasts as long as the data that it guards. */
function secretValue(dataDir: string | undefined, name: string, length: number): string {
  const value = randomBytes(length).toString("hex").slice(0, length);
  if (dataDir === undefined) return value;
  const file = join(dataDir, "secrets", name);
  if (existsSync(file)) return readFileSync(file, "utf8");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, value, { mode: 0o600 });
  return value;
}
