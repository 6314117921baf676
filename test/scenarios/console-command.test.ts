import { createServer, type AddressInfo } from "node:net";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { synthesize } from "#local/synth.ts";
import { CHROMIUM, openBrowser } from "../console/support/browser.ts";
import { runScript, startScript, type Running } from "../support/run-script.ts";

const data = mkdtempSync(join(tmpdir(), "event-spine-"));
const ADDRESS = /http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]+/;
let running: Running;
let printed: string;

beforeAll(async () => {
  await synthesize();
  running = startScript("start.ts", ["--data", data, "--port", "0", "--console-port", "0"]);
  printed = await running.hasPrinted(/Stop with Ctrl-C/);
  const url = /listens on (http:\/\/\S+?),/.exec(printed)?.[1] ?? "";
  const headers = { "content-type": "application/json", prefer: "wait=20" };
  const body = JSON.stringify({
    type: "MessageReceived",
    data: { text: "A boiler service next Tuesday, please." },
  });
  expect((await fetch(`${url}/sessions/seen/events`, { method: "POST", headers, body })).status).toBe(200);
}, 240_000);
afterAll(async () => {
  running.child.kill("SIGKILL");
  await running.ended;
  rmSync(data, { recursive: true });
});

/** What a session's page shows of it, in a browser; without one, what the console's server tells of it. */
async function seenAt(address: string): Promise<string> {
  const [url = "", token = ""] = address.split("/#token=");
  if (CHROMIUM === undefined) {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${url}/api/sessions/seen/outline`, { headers })).text();
  }
  const browser = await openBrowser();
  try {
    const page = await browser.page();
    await page.goto(address);
    await page.goto(`${url}/s/seen`);
    await page.locator('main[aria-busy="false"]').waitFor();
    await page.locator(".row.selected").waitFor();
    expect(browser.foreign).toEqual([]);
    return (await page.locator(".lane-names").innerText()) + (await page.locator(".rows").innerText());
  } finally {
    await browser.close();
  }
}

describe("the console", () => {
  it("is printed by npm start, which plays no sample, and shows its sessions", async () => {
    expect(printed).toMatch(/^Ready \d+ ms after the process started\./m);
    expect(printed).not.toContain("First reply");
    const seen = await seenAt(ADDRESS.exec(printed)?.[0] ?? "");
    expect(seen).toContain("inquiry");
    expect(seen).toContain("RunCompleted");
  }, 120_000);

  it("of npm run spine shows the spine that runs, names it in its commands, and ends when it is stopped", async () => {
    const command = startScript("spine.ts", ["console", "--port", "0", "--local", data]);
    const said = await command.hasPrinted(/Stop with Ctrl-C/);
    const address = ADDRESS.exec(said)?.[0] ?? "";
    const [url = "", token = ""] = address.split("/#token=");
    const told = await (
      await fetch(`${url}/api/about`, { headers: { authorization: `Bearer ${token}` } })
    ).json();
    expect(told).toMatchObject({ command: "npm run spine --", options: ` --local ${data}` });
    expect(await seenAt(address)).toContain("RunCompleted");
    command.child.kill("SIGINT");
    expect(await command.ended).toMatchObject({ status: 0, stderr: "" });
    await expect(fetch(url)).rejects.toThrow();
  }, 120_000);

  it("shows a deployed spine with the user's own credentials, which the browser never has", async () => {
    const file = JSON.parse(readFileSync(join(data, "running.json"), "utf8")) as {
      readonly ingressUrl: string;
      readonly environment: Readonly<Record<string, string>>;
    };
    const { AWS_ACCESS_KEY_ID: user = "", AWS_SECRET_ACCESS_KEY: secret = "" } = file.environment;
    const deployed = ["--ingress", file.ingressUrl, "--region", "us-east-1"];
    const shown = async (key: string) => {
      const env = { AWS_ACCESS_KEY_ID: user, AWS_SECRET_ACCESS_KEY: key };
      const command = startScript("spine.ts", ["console", "--port", "0", ...deployed], { env });
      const address = ADDRESS.exec(await command.hasPrinted(/Stop with Ctrl-C/))?.[0] ?? "";
      const [url = "", token = ""] = address.split("/#token=");
      const headers = { authorization: `Bearer ${token}` };
      const told = await (await fetch(`${url}/api/about`, { headers })).text();
      const answer = await fetch(`${url}/api/sessions/seen/outline`, { headers });
      const seen = { told, status: answer.status, text: await answer.text() };
      command.child.kill("SIGINT");
      await command.ended;
      return seen;
    };
    const mine = await shown(secret);
    expect(mine.status).toBe(200);
    expect(mine.text).toContain("RunCompleted");
    expect(mine.told).toContain(`--ingress ${file.ingressUrl} --region us-east-1`);
    expect(mine.told + mine.text).not.toContain(secret);
    expect(await shown("somebody else's")).toMatchObject({ status: 403 });
  }, 120_000);

  it("says before anything else that its port is taken, or is none", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const port = String((other.address() as AddressInfo).port);
    const started = await runScript("start.ts", ["--port", "0", "--console-port", port]);
    expect([started.status, started.stdout]).toEqual([1, ""]);
    expect(started.stderr).toMatch(
      /--console-port: \d+ cannot be used: .*EADDRINUSE.* Give another one with --console-port/,
    );
    const shown = await runScript("spine.ts", ["console", "--port", port, "--local", data]);
    expect([shown.status, shown.stdout]).toEqual([2, ""]);
    expect(shown.stderr).toMatch(/^spine: --port: \d+ cannot be used/);
    const wrong = await runScript("start.ts", ["--console-port", "many"]);
    expect(wrong.stderr).toBe('--console-port: "many" is not a port. Give a whole number from 0 to 65535.\n');
    await new Promise((resolve) => other.close(resolve));
  }, 120_000);
});
