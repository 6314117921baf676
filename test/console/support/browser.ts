import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";

const PATHS = [
  process.env["SPINE_CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
/** The browser of this machine; without one the tests that need it are skipped. */
export const CHROMIUM = PATHS.find((path) => path !== undefined && existsSync(path));
export const NO_BROWSER =
  "no Chromium was found: apt-get install chromium, or set SPINE_CHROMIUM to its path";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--force-device-scale-factor=1",
  // Nothing else is found. Holding up each request to look at it can lose one on a busy machine.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

export interface RunningBrowser {
  readonly context: BrowserContext;
  /** Addresses that a page asked for and that are not on this machine. */
  readonly foreign: readonly string[];
  page(): Promise<Page>;
  close(): Promise<void>;
}

/** A browser with nothing remembered, in which nothing but this machine can be reached. */
export async function openBrowser(): Promise<RunningBrowser> {
  const folder = mkdtempSync(join(tmpdir(), "spine-browser-"));
  const context = await chromium.launchPersistentContext(folder, {
    ...(CHROMIUM !== undefined && { executablePath: CHROMIUM }),
    headless: true,
    args: FLAGS,
    viewport: { width: 1280, height: 800 },
    locale: "en-GB",
    timezoneId: "UTC",
    reducedMotion: "reduce",
  });
  const foreign: string[] = [];
  context.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (protocol !== "data:" && hostname !== "127.0.0.1") foreign.push(request.url());
  });
  return {
    context,
    foreign,
    page: () => context.newPage(),
    async close() {
      await context.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
