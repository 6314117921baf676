import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { BROWSER_ENTRIES } from "../../scripts/build/package-files.ts";
import { defineAgent } from "#core/contract.ts";
import { defineFlow, human, reply, sequence, step } from "#core/flow/build.ts";
import { parseTenantId } from "#core/ids.ts";
import { RIGHTS } from "#core/rights.ts";
import { serveLoopback, type LocalRequest, type LocalResponse } from "#local/http/loopback-server.ts";
import { FUNCTION_URL } from "#local/signing/services.ts";
import { verifySignature } from "#local/signing/verify.ts";
import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import type { HttpRequest } from "#runtime/doors/http/http-message.ts";
import { createEventStreams } from "#runtime/doors/stream/create-event-streams.ts";
import { inProcessSpine, type InProcessSpine } from "#testing/index.ts";
import { ROOT } from "../architecture/source.ts";
import { CHROMIUM, NO_BROWSER, openBrowser, type RunningBrowser } from "../console/support/browser.ts";

const REGION = "eu-west-1";
const KEY = { accessKeyId: "ASIAPAGE", secretAccessKey: "a page's secret", sessionToken: "short-lived" };

const pricer = defineAgent({ name: "pricer", output: z.object({ total: z.number() }) });
const quoting = defineFlow({
  name: "quoting",
  on: "QuoteAsked",
  plan: sequence(
    step(pricer),
    human({ ask: "Who signs?", answer: z.object({ name: z.string() }), into: "signed" }),
    reply(`{"total": pricer.total, "by": signed.name}`),
  ),
});

/** A shop's page: it is served from the address at which the spine is reached, as docs/client.md has it. */
const PAGE = `
import { createClient, authorizeBy } from "/client.js";
const url = location.origin;
const authorize = authorizeBy(${JSON.stringify(KEY)}, "${REGION}", "lambda");
const session = createClient({ url, streamUrl: url, authorize }).session("quote:1@shop");
const sent = await session.send("QuoteAsked", { pieces: 3 }, { id: "order 7" });
const read = [];
const following = (async () => {
  for await (const { event } of session.events()) {
    read.push([event.sequence, event.type]);
    if (event.type === "RunCompleted") return;
  }
})();
const again = await session.send("QuoteAsked", { pieces: 3 }, { id: "order 7" });
let asked = [];
while (asked.length === 0) asked = await session.questions();
await session.answer("Who signs?", { name: "Ada" });
await following;
const reply = await session.ask("QuoteAsked", { pieces: 3 }, { id: "order 7" });
const refused = await session.send("NobodyAsked", {}).catch(({ name, status }) => ({ name, status }));
window.seen = { sequences: [sent.sequence, again.sequence], reply, read, refused };
`;

describe.skipIf(CHROMIUM === undefined)(
  `the typed client in a browser${CHROMIUM === undefined ? `: ${NO_BROWSER}` : ""}`,
  () => {
    let spine: InProcessSpine;
    let browser: RunningBrowser;
    let script: string;
    beforeAll(async () => {
      const agents = [pricer.implement(() => ({ total: 60 }))];
      spine = inProcessSpine({ flows: [quoting], agents });
      const [entry = ""] = Object.values(BROWSER_ENTRIES);
      const bundled = build({
        ...{ absWorkingDir: ROOT, entryPoints: [entry], bundle: true, platform: "browser", format: "esm" },
        write: false,
      });
      browser = await openBrowser();
      script = (await bundled).outputFiles?.[0]?.text ?? "";
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await spine?.close();
    });

    it("signs, sends once, follows over a stream that is cut, answers a person's question and gets the reply", async () => {
      const { engine } = spine;
      const ingress = createHttpIngress(engine);
      const streams = createEventStreams(engine);
      let opened = 0;

      const spoken = async (request: LocalRequest): Promise<LocalResponse> => {
        const keyOf = (id: string) => (id === KEY.accessKeyId ? { ...KEY, now: Date.now } : undefined);
        const options = { service: FUNCTION_URL, region: REGION, keyOf, linkNow: Date.now };
        await verifySignature(request, options);
        const { pathname: path, searchParams } = new URL(request.target, "http://spine");
        const { method, headers } = request;
        const asked: HttpRequest = {
          ...{ method, path, headers, query: Object.fromEntries(searchParams) },
          body: request.body.toString("utf8"),
          caller: { tenant: parseTenantId("local"), source: "page", rights: RIGHTS },
        };
        if (headers["accept"] !== "text/event-stream") return await ingress(asked);
        opened += 1;
        const answer = await streams(asked, request.gone);
        return "frames" in answer
          ? { ...answer, body: opened < 4 ? cut(answer.frames) : answer.frames }
          : answer;
      };
      const server = await serveLoopback(async (request) => {
        const html = { "content-type": "text/html" };
        if (request.target === "/") return { status: 200, headers: html, body: "<!doctype html><p>A shop" };
        if (request.target === "/favicon.ico") return { status: 204 };
        if (!request.target.endsWith(".js")) return spoken(request);
        const body = request.target === "/page.js" ? PAGE : script;
        return { status: 200, headers: { "content-type": "text/javascript" }, body };
      });
      const page = await browser.page();
      const failed = new Promise<never>((_, reject) => page.once("pageerror", reject));
      await page.goto(`${server.url}/`);
      await page.addScriptTag({ type: "module", url: "/page.js" });
      await Promise.race([failed, page.waitForFunction("window.seen !== undefined")]);
      const seen = await page.evaluate("window.seen");
      await page.close();
      await server.stop();

      const events = await spine.reader.events(spine.key("quote:1@shop"));
      const upTo = events.findIndex(({ type }) => type === "RunCompleted") + 1;
      expect(seen).toEqual({
        sequences: [1, 1],
        reply: { total: 60, by: "Ada" },
        read: events.slice(0, upTo).map(({ sequence, type }) => [sequence, type]),
        refused: { name: "ApiError", status: 422 },
      });
      expect(opened).toBeGreaterThan(3);
      expect(browser.foreign).toEqual([]);
    });
  },
);

/** A stream that breaks after its first event. */
async function* cut(frames: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const frame of frames) {
    yield frame;
    if (frame.includes("data:")) throw new Error("The line is cut.");
  }
}
