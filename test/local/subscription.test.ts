import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import { createDynamoSessionLog } from "#aws/dynamo/dynamo-session-log.ts";
import { parseSessionKey } from "#core/ids.ts";
import { createDynamoMirror } from "#functions/subscribers/mirror/dynamo-mirror.ts";
import { createMemoryBlobs } from "#memory/memory-blobs.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { createSessionReader } from "#runtime/session/create-session-reader.ts";
import { credentialsIn } from "#client/signing/credentials-in.ts";
import type { LocalCloud } from "#local/cloud.ts";
import type { LogLine } from "#local/provision/site.ts";
import { countsSince } from "#local/request-counts.ts";
import { synthesize } from "#local/synth.ts";
import { send, LONG, SHORT, WHOLE } from "../../scripts/requests/play.ts";
import { startCloud } from "./fixture/assembly.ts";

describe("the app with its mirror, on the local runtime", () => {
  let cloud: LocalCloud;
  const trouble: LogLine[] = [];

  beforeAll(async () => {
    const { templateDir } = await synthesize({ environment: { SPINE_MIRROR: "yes" } });
    cloud = await startCloud({
      templateDir,
      onLog: (line) => void (line.kind === "trouble" && trouble.push(line)),
    });
  }, 240_000);

  const outputNamed = (part: string) =>
    Object.entries(cloud.outputs).find(([name]) => name.startsWith(`spine-customer-care.${part}`))?.[1] ?? "";

  /** The log's reader and the mirror's own table, as somebody beside the functions sees them. */
  const openStores = () => {
    const { AWS_ENDPOINT_URL_DYNAMODB: endpoint = "", AWS_REGION: region = "" } = cloud.environment;
    const credentials = credentialsIn(cloud.environment);
    const client = new DynamoDBClient({ endpoint, region, credentials });
    const digest = createNodeDigest();
    const log = createDynamoSessionLog({ client, table: outputNamed("SpineTableName"), digest });
    return {
      reader: createSessionReader({ log, blobs: createMemoryBlobs(), digest }),
      mirror: createDynamoMirror({ client, table: outputNamed("MirrorTableName") }),
    };
  };

  it(
    "rebuilds the state of every session of a burst, from its ordered subscription alone",
    { timeout: 240_000 },
    async () => {
      const sessions = [SHORT, LONG, WHOLE].flatMap((play) =>
        ["one", "two", "three"].map((number) => ({ name: `${play.name}-${number}`, play })),
      );
      const before = cloud.counts();
      await Promise.all(sessions.map(({ name, play }) => send(cloud, name, play, false)));
      // Each gets a second message while it works on the first.
      await Promise.all(sessions.map(({ name }) => send(cloud, name, SHORT, false)));
      const { reader, mirror } = openStores();
      const runsOf = async (session: string) =>
        (await reader.current(parseSessionKey({ tenant: "default", session }))).runs;
      // On a busy machine an agent may be tried again, after a while in which nothing works.
      for (const { name } of sessions)
        await expect.poll(() => runsOf(name), { timeout: 120_000, interval: 100 }).toEqual({});
      await expect.poll(() => cloud.busy(), { timeout: 60_000 }).toBe(0);

      for (const { name } of sessions) {
        const key = parseSessionKey({ tenant: "default", session: name });
        const { sequence, runs } = await reader.current(key);
        expect([name, sequence > 20, runs]).toEqual([name, true, {}]);
        expect(await mirror.load(key)).toEqual(await reader.stateAt(key, sequence));
      }
      const requests = countsSince(before, cloud.counts()).filter(({ caller }) => caller === "spine-mirror");
      expect(requests.some(({ operation }) => operation === "PutItem")).toBe(true);
      expect(requests.filter(({ operation }) => operation === "Query")).toEqual([]);
      expect(trouble).toEqual([]);
    },
  );
});
