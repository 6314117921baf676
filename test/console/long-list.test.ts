import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listenOnLoopback } from "#local/http/listening.ts";
import { CHROMIUM, NO_BROWSER, openBrowser, type RunningBrowser } from "./support/browser.ts";
import { openDesk, playMorning, type Desk } from "./support/desk.ts";
import { listMade } from "./support/made-rows.ts";
import { openConsole, type OpenConsole } from "./support/open-console.ts";
import { visit } from "./support/visit.ts";

const MOST_NODES = 2_000;
let desk: Desk;
let served: OpenConsole;
let browser: RunningBrowser;

describe.skipIf(CHROMIUM === undefined)(
  `the console at length${CHROMIUM === undefined ? `: ${NO_BROWSER}` : ""}`,
  () => {
    beforeAll(async () => {
      desk = openDesk();
      await playMorning(desk);
      [served, browser] = await Promise.all([openConsole(desk.spine), openBrowser()]);
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await served?.close();
      await desk?.close();
    });

    it("draws a list of 5,000 sessions with few nodes, and reads it a page at a time", async () => {
      const unlist = await listMade(
        desk.spine,
        Array.from({ length: 5_000 }, (_, index) => index),
      );
      const tab = await visit(browser, served, desk.clock.now());
      await tab.show("/");
      const nodes = async () => Number(await tab.page.evaluate("document.getElementsByTagName('*').length"));
      expect(tab.asked.filter((path) => path.startsWith("/spine/sessions")).length).toBeLessThanOrEqual(6);
      for (let round = 0; round < 110; round += 1) {
        await tab.page.evaluate("document.querySelector('.rows').scrollTo(0, 1e9)");
        await tab.quiet();
        if ((await tab.page.getByText("5,006 sessions", { exact: true }).count()) > 0) break;
      }
      expect(await tab.page.locator(".bar-line").innerText()).toBe("5,006 sessions");
      expect(await tab.page.locator(".rows").getAttribute("aria-rowcount")).toBe("5007");
      expect(await nodes()).toBeLessThanOrEqual(MOST_NODES);
      // One for each page beside the first.
      expect(tab.asked.filter((path) => path.includes("cursor="))).toHaveLength(100);
      expect(tab.complaints).toEqual([]);
      await unlist();
    }, 120_000);

    it("lets another page of this machine frame the lane view, and no other view", async () => {
      const token = `#token=${served.token}`;
      const host = createServer((_, response) => {
        const frame = (path: string) =>
          `<iframe src="${served.url}${path}${token}" width="900" height="300"></iframe>`;
        response.writeHead(200, { "content-type": "text/html" });
        response.end(frame("/embed/s/garden-4711") + frame("/s/roof-0815"));
      });
      const { url, close } = await listenOnLoopback(host);
      const page = await browser.page();
      await page.goto(url);
      const [lanes, refused] = [page.frameLocator("iframe >> nth=0"), page.frameLocator("iframe >> nth=1")];
      await lanes.locator(".lanes-view .bar").first().waitFor();
      expect(await lanes.locator(".inspector").count()).toBe(0);
      expect(await refused.locator(".lanes-view").count()).toBe(0);
      expect(await refused.locator(".session").count()).toBe(0);
      await page.close();
      await close();
    });
  },
);
