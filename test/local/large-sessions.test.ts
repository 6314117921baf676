import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import type { LocalCloud } from "#local/cloud.ts";
import type { LogLine } from "#local/provision/site.ts";
import { countsSince } from "#local/request-counts.ts";
import { synthesize } from "#local/synth.ts";
import { startCloud } from "./fixture/assembly.ts";

const PATIENCE = fileURLToPath(new URL("fixture/patience/", import.meta.url));
/** Above what a commit's snapshot may have: 100 KB. */
const LARGE_CHARACTERS = 110_000;
/** Ids that a session's state remembers; an older one has a marker of its own. */
const ID_WINDOW = 32;

describe("a session that outgrows its items, on the local runtime", () => {
  let cloud: LocalCloud;
  const trouble: LogLine[] = [];

  beforeAll(async () => {
    const { templateDir } = await synthesize({ app: `${PATIENCE}app.ts`, sources: [PATIENCE] });
    cloud = await startCloud({
      templateDir,
      onLog: (line) => void (line.kind === "trouble" && trouble.push(line)),
    });
  }, 240_000);

  const headers = { "content-type": "application/json" };
  const url = (part: string) => `${cloud.functionUrls.get("spine-ingress")}/sessions/large/${part}`;
  const post = async (id: string, type: string, data: object): Promise<unknown> => {
    const body = JSON.stringify({ id, type, data });
    return (await cloud.fetch(url("events"), { method: "POST", headers, body })).json();
  };
  const sequence = async () =>
    ((await (await cloud.fetch(url("state"), { headers })).json()) as { readonly sequence: number }).sequence;

  it("stores its snapshots as objects, and detects a duplicate whose id it no longer keeps", async () => {
    const before = cloud.counts();
    const asked = { text: "x".repeat(LARGE_CHARACTERS) };
    const first = await post("m0", "Asked", asked);
    for (let at = 1; at <= ID_WINDOW + 2; at += 1) await post(`m${at}`, "Told", { at });
    const last = await sequence();
    expect(await post("m0", "Asked", asked)).toEqual(first);
    expect(await sequence()).toBe(last);
    const made = countsSince(before, cloud.counts()).filter(({ caller }) => caller === "spine-ingress");
    expect(made.map(({ operation }) => operation)).toEqual(
      expect.arrayContaining(["PutObject", "GetObject", "BatchWriteItem"]),
    );
    expect(trouble).toEqual([]);
  }, 240_000);

  it("is streamed as any other, by a function that reads its snapshots", async () => {
    const before = cloud.counts();
    const leaving = new AbortController();
    const last = await sequence();
    const stream = await cloud.fetch(
      `${cloud.functionUrls.get("spine-stream")}/sessions/large/events?after=${last - 1}`,
      { signal: leaving.signal },
    );
    expect(stream.status).toBe(200);
    let text = "";
    for await (const part of stream.body ?? []) {
      // A response's body is made of bytes.
      text += Buffer.from(part as Uint8Array).toString();
      if (text.includes("data: ")) break;
    }
    leaving.abort();
    expect(text).toContain(`id: ${last}\n`);
    const made = countsSince(before, cloud.counts()).filter(({ caller }) => caller === "spine-stream");
    expect(made.map(({ operation }) => operation)).toContain("GetObject");
    expect(trouble).toEqual([]);
  });
});
