import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { LocalCloud } from "#local/cloud.ts";
import type { LogLine } from "#local/provision/site.ts";
import { synthesize } from "#local/synth.ts";
import { send, WHOLE } from "../../scripts/requests/play.ts";
import { startCloud, temporaryFolder } from "./fixture/assembly.ts";

interface FoundSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

type Attributes = readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
const plain = (attributes: Attributes) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

/** The spans of a file that the collector's file exporter could have written. */
function spansIn(text: string): readonly FoundSpan[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((line) => (JSON.parse(line) as Exported).resourceSpans)
    .flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) =>
        spans.map((span) => ({
          ...span,
          service: String(plain(resource.attributes)["service.name"]),
          attributes: plain(span.attributes),
        })),
      ),
    );
}

interface Exported {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Attributes };
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<FoundSpan, "service" | "attributes"> & {
        readonly attributes: Attributes;
      })[];
    }[];
  }[];
}

describe("spans of the app, on the local runtime", () => {
  let cloud: LocalCloud;
  const file = join(temporaryFolder(), "traces.json");
  const trouble: LogLine[] = [];

  beforeAll(async () => {
    const { templateDir } = await synthesize();
    cloud = await startCloud({
      templateDir,
      tracesFile: file,
      onLog: (line) => void (line.kind === "trouble" && trouble.push(line)),
    });
  }, 240_000);

  it(
    "form one connected trace per event of a session, across ingress, door, agents and relay",
    { timeout: 240_000 },
    async () => {
      await send(cloud, "traced", WHOLE, true);
      await expect.poll(() => cloud.busy(), { timeout: 60_000 }).toBe(0);
      const text = readFileSync(file, "utf8");
      const all = spansIn(text);
      const begun = all.filter(({ parentSpanId = "" }) => parentSpanId === "");
      const [first] = begun.filter(({ name }) => name === "ingress");
      const found = all.filter(({ traceId }) => traceId === first?.traceId);
      // On a busy machine a deadline may fire, which belongs to no event.
      const others = begun.filter((span) => span !== first).map(({ name }) => name);
      expect(others.filter((name) => name !== "coordinator")).toEqual([]);

      const known = new Set(found.map(({ spanId }) => spanId));
      const roots = found.filter(({ parentSpanId = "" }) => !known.has(parentSpanId));
      expect(roots.map(({ name, service }) => [name, service])).toEqual([["ingress", "spine-ingress"]]);

      const places = new Set(found.map(({ name, service }) => `${service} ${name}`));
      const agents = ["inquiry", "recommendation", "scheduling", "documents", "reply"];
      for (const place of [
        "spine-ingress commit",
        "spine-ingress dispatch",
        "spine-door door",
        "spine-door commit",
        "spine-relay relay",
        "spine-relay dispatch",
        ...agents.flatMap((agent) => [
          `spine-agent-${agent} agent`,
          `spine-agent-${agent} invoke_agent ${agent}`,
        ]),
      ])
        expect(places).toContain(place);

      const runs = found.filter(({ name }) => name === "invoke_agent scheduling");
      expect(runs[0]?.attributes).toMatchObject({
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "scheduling",
        "gen_ai.conversation.id": "traced",
      });
      // Neither what a person wrote or is called, nor what proves an attempt; random ids hold "ada" by chance.
      expect(text).not.toMatch(/\bAda\b|boiler|token/);
      expect(trouble).toEqual([]);
    },
  );
});
