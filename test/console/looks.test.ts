import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, textOf } from "../architecture/source.ts";
import { CHROMIUM, NO_BROWSER, openBrowser, type RunningBrowser } from "./support/browser.ts";
import { openDesk, playMorning, type Desk } from "./support/desk.ts";
import { openConsole, type OpenConsole } from "./support/open-console.ts";
import { visit, type Visit } from "./support/visit.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const MOST_BYTES = 60_000;
/** With SPINE_WRITE_PICTURES=1 the pictures of docs/console.md are taken again; make them small with `pngquant --ext .png --force`. */
const WRITES = process.env["SPINE_WRITE_PICTURES"] === "1";

interface View {
  readonly name: string;
  readonly path: string;
  readonly prepare?: (tab: Visit) => Promise<unknown>;
}

const VIEWS: readonly View[] = [
  { name: "sessions", path: "/" },
  { name: "timeline", path: "/s/garden-4711?at=26" },
  { name: "time", path: "/s/garden-4711?axis=time&panel=view&at=15" },
  {
    name: "graph",
    path: "/s/roof-0815?view=graph&panel=state&at=26",
    prepare: ({ page }) => page.locator(".graph-box svg").waitFor(),
  },
  { name: "ledger", path: "/s/garden-4711?view=ledger&panel=event&at=9" },
  {
    name: "compare",
    path: "/s/garden-4711?view=compare&with=roof-0815&panel=fork&at=9",
    prepare: ({ page }) => page.locator("tr.differs.first").waitFor(),
  },
  { name: "people", path: "/people", prepare: ({ page }) => page.keyboard.press("j") },
  { name: "health", path: "/health" },
];

let desk: Desk;
let served: OpenConsole;
let browser: RunningBrowser;

describe.skipIf(CHROMIUM === undefined)(`each view${CHROMIUM === undefined ? `: ${NO_BROWSER}` : ""}`, () => {
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

  describe.each(["light", "dark"] as const)("%s", (colorScheme) => {
    it.each(VIEWS.map((view) => [view.name, view] as const))(
      "%s has no fault that axe finds, and nothing that the page's policy refuses",
      async (name, { path, prepare }) => {
        const tab = await visit(browser, served, desk.clock.now());
        await tab.page.emulateMedia({ colorScheme });
        await tab.page.setViewportSize({ width: 1180, height: 700 });
        await tab.show(path);
        await prepare?.(tab);
        await tab.quiet();
        if (WRITES)
          await tab.page.screenshot({ path: join(ROOT, `docs/console/${name}-${colorScheme}.png`) });
        await tab.page.evaluate(AXE);
        const found = (await tab.page.evaluate(
          "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html, failureSummary }) => html.slice(0, 160) + ' ' + failureSummary)]))",
        )) as readonly unknown[];
        expect(found).toEqual([]);
        expect(tab.complaints).toEqual([]);
        await tab.page.close();
      },
    );
  });

  it("of the keys' help, the form without a token and a dry run has no fault either", async () => {
    const tab = await visit(browser, served, desk.clock.now());
    const faults = async () => {
      await tab.page.evaluate(AXE);
      return tab.page.evaluate("axe.run().then(({ violations }) => violations.map(({ id }) => id))");
    };
    await tab.page.keyboard.press("?");
    expect(await faults()).toEqual([]);
    await tab.page.keyboard.press("Escape");
    await tab.page.getByLabel("Pick kitchen-12").check();
    await tab.page.getByRole("button", { name: "Stop…" }).click();
    expect(await faults()).toEqual([]);
    await tab.page.evaluate("sessionStorage.clear()");
    await tab.page.reload();
    await tab.page.getByLabel("Address or token").waitFor();
    expect(await faults()).toEqual([]);
  });
});

describe("the pictures of docs/console.md", () => {
  it("are there for each view, light and dark, and small", () => {
    const page = textOf("docs/console.md");
    for (const name of VIEWS.flatMap((view) => [`${view.name}-light`, `${view.name}-dark`])) {
      expect(page).toContain(`console/${name}.png`);
      expect([name, statSync(join(ROOT, `docs/console/${name}.png`)).size <= MOST_BYTES]).toEqual([
        name,
        true,
      ]);
    }
  });
});

describe("a browser", () => {
  it("is there where one is required", () => {
    expect(process.env["SPINE_NEEDS_BROWSER"] !== "1" || CHROMIUM !== undefined, NO_BROWSER).toBe(true);
  });
});
