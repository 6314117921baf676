import type { Page, Request } from "playwright-core";
import type { RunningBrowser } from "./browser.ts";
import type { OpenConsole } from "./open-console.ts";

export interface Visit {
  readonly page: Page;
  /** What the page itself complained about, refused loads included. */
  readonly complaints: string[];
  /** Paths that the page asked the console's server for, beside its own files. */
  readonly asked: string[];
  /** Goes to a view, and waits until it has nothing more to read. */
  show(path: string): Promise<void>;
  /** Waits until the page asks for nothing any more. */
  quiet(): Promise<void>;
}

/** Statuses that a test provokes are no complaint: the page says them in words. */
const EXPECTED = /Failed to load resource: the server responded with a status of (?:404|405)/;

const REST_MS = 15_000;

/** Opens the console in a tab of its own, with the token that was printed. */
export async function visit(browser: RunningBrowser, at: OpenConsole, now?: number): Promise<Visit> {
  const page = await browser.page();
  const complaints: string[] = [];
  const asked: string[] = [];
  const open = new Set<Request>();
  page.on("console", (message) => {
    if (message.type() === "error" && !EXPECTED.test(message.text())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => void complaints.push(error.message));
  page.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    if (!pathname.startsWith("/api/")) return;
    asked.push(pathname.slice("/api".length) + search);
    // It stays open for as long as the session is looked at.
    if (!pathname.endsWith("/outline")) open.add(request);
  });
  page.on("requestfinished", (request) => void open.delete(request));
  page.on("requestfailed", (request) => void open.delete(request));
  if (now !== undefined) await page.clock.setFixedTime(now);
  await page.goto(at.address);
  const quiet = async (): Promise<void> => {
    // What a change of the page asks for is asked for two frames later at most.
    const frames =
      "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))";
    do await page.evaluate(frames);
    while (open.size > 0);
    await page.evaluate(frames);
  };
  const isWhole = (timeout: number): Promise<void> =>
    page.locator('main[aria-busy="false"]').waitFor({ timeout });
  /** Waits until a session is read to its end. Once in hundreds of visits, on a busy machine, its page was not: that is told, and tried once more. */
  const whole = async (path: string): Promise<void> => {
    try {
      await isWhole(REST_MS);
    } catch {
      const shown = await page.locator("body").innerText();
      process.stderr.write(`${path} was not read to its end.\nAsked: ${asked.join(", ")}\nShown: ${shown}\n`);
      await page.reload();
      await isWhole(2 * REST_MS);
    }
  };
  return {
    page,
    complaints,
    asked,
    quiet,
    async show(path) {
      await page.goto(at.url + path);
      await quiet();
      if (/\/s\//.test(path)) await whole(path);
      await quiet();
    },
  };
}
