import * as z from "zod";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defineAgent } from "#core/contract.ts";
import { defineFlow, sequence, step, transform } from "#core/flow/build.ts";
import { createMovableClock, inProcessSpine, type InProcessSpine } from "#testing/index.ts";
import { CHROMIUM, NO_BROWSER, openBrowser, type RunningBrowser } from "./support/browser.ts";
import { MORNING } from "./support/desk.ts";
import { openConsole, type OpenConsole } from "./support/open-console.ts";
import { visit } from "./support/visit.ts";

const EVENTS = 10_000;
const MOST_NODES = 2_000;
/** Of each event; the page must not have it before it is asked for. */
const PAYLOAD = "payload-".repeat(20);

const agents = ["reader", "writer", "checker"].map((name) =>
  defineAgent({
    name,
    reads: ["input"],
    output: z.object({ text: z.string() }),
    retries: { max: 0, backoffMs: 1 },
  }),
);
const flow = defineFlow({
  name: "chat",
  on: "Said",
  plan: sequence(...agents.map((agent) => step(agent, { fallback: [] })), transform({ "count.n": "1" })),
});

let spine: InProcessSpine;
let served: OpenConsole;
let browser: RunningBrowser;

describe.skipIf(CHROMIUM === undefined)(
  `a session of 10,000 events${CHROMIUM === undefined ? `: ${NO_BROWSER}` : ""}`,
  () => {
    beforeAll(async () => {
      spine = inProcessSpine({
        clock: createMovableClock(MORNING),
        flows: [flow],
        agents: agents.map((agent) => agent.implement(() => ({ text: PAYLOAD }))),
      });
      for (let index = 0; (await spine.reader.current(spine.key("long"))).sequence < EVENTS; index += 1)
        await spine.ask("Said", { text: PAYLOAD }, { session: "long", id: String(index) });
      [served, browser] = await Promise.all([openConsole(spine), openBrowser()]);
    }, 240_000);
    afterAll(async () => {
      await browser?.close();
      await served?.close();
      await spine?.close();
    });

    it("is drawn with few nodes wherever one is, and reads payloads only on demand", async () => {
      const tab = await visit(browser, served);
      const bodies: Promise<string>[] = [];
      tab.page.on("response", (response) => {
        if (response.url().includes("/event/")) bodies.push(response.text());
      });
      const nodes = async () => Number(await tab.page.evaluate("document.getElementsByTagName('*').length"));
      await tab.show("/s/long");
      expect(await tab.page.locator(".session-head").innerText()).toMatch(/10,0\d\d events/);
      expect(await nodes()).toBeLessThanOrEqual(MOST_NODES);
      // The outline once, of the newest event why, and the scores of replies, which may come between.
      const asked = tab.asked
        .filter((path) => path.includes("/sessions/long"))
        .map((path) => path.replace(/\d{4,}/, "N"));
      expect(asked.filter((path) => path.endsWith("/scores"))).toHaveLength(1);
      expect(asked.filter((path) => !path.endsWith("/scores"))).toEqual([
        "/sessions/long/outline?live=1&after=0",
        "/spine/sessions/long/explain",
        "/spine/sessions/long/decisions/N",
      ]);
      // Page by page, of the spine.
      const pages = served.asked.filter(({ path }) => path === "/sessions/long/events").length;
      expect(pages).toBeLessThanOrEqual(EVENTS / 50);
      for (const path of [
        "at=1",
        "at=5000&axis=time",
        "view=ledger&at=9000",
        "view=graph",
        "at=9999&panel=state",
        "axis=time",
      ]) {
        await tab.show(`/s/long?${path}`);
        expect([path, (await nodes()) <= MOST_NODES]).toEqual([path, true]);
      }
      expect(bodies).toHaveLength(1); // the flow, for its graph
      await tab.show("/s/long?panel=event&at=1");
      expect(bodies).toHaveLength(2);
      expect(await bodies[1]).toContain(PAYLOAD);
      expect(tab.complaints).toEqual([]);
    }, 120_000);

    it("is moved through by the keyboard from one end to the other", async () => {
      const tab = await visit(browser, served);
      await tab.show("/s/long?at=1");
      await tab.page.keyboard.press("G");
      await tab.page.locator(".row.selected").waitFor();
      expect(await tab.page.locator(".row.selected").innerText()).toMatch(/RunCompleted/);
      expect(await tab.page.locator(".lanes-view .cursor").count()).toBe(1);
      await tab.page.keyboard.press("g");
      await tab.page.getByRole("heading", { name: "#1 InputAccepted" }).waitFor();
    }, 60_000);
  },
);
