import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAX_INPUT_BYTES } from "#core/session/limits.ts";
import { startConsole } from "../../scripts/console/console-server.ts";
import { openDesk, playMorning, type Desk } from "./support/desk.ts";
import { openConsole, type OpenConsole } from "./support/open-console.ts";

let desk: Desk;
let page: OpenConsole;
beforeAll(async () => {
  desk = openDesk();
  await playMorning(desk);
  page = await openConsole(desk.spine);
}, 120_000);
afterAll(async () => {
  await page?.close();
  await desk?.close();
});

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** As any program may ask, with headers that a browser would not send. */
function ask(path: string, { method = "GET", headers = {}, body }: Asked = {}) {
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    const outgoing = httpRequest(page.url + path, { method, headers });
    outgoing.once("error", reject);
    outgoing.once("response", (incoming) => {
      text(incoming).then(
        (read) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: read }),
        reject,
      );
    });
    outgoing.end(body);
  });
}
const known = () => ({ authorization: `Bearer ${page.token}` });
const api = (path: string, asked: Asked = {}) =>
  ask(path, { ...asked, headers: { ...known(), ...asked.headers } });
const port = () => new URL(page.url).port;

describe("the console's server", () => {
  it("prints an address with a token of its own start", async () => {
    expect(page.address).toBe(`${page.url}/#token=${page.token}`);
    const other = await openConsole(desk.spine);
    expect(other.token).not.toBe(page.token);
    expect(other.token.length).toBeGreaterThanOrEqual(32);
    await other.close();
  });

  it.each([
    ["/api/about", "GET"],
    ["/api/spine/sessions", "GET"],
    ["/api/sessions/garden-4711/outline", "GET"],
    ["/api/sessions/garden-4711/event/1", "GET"],
    ["/api/compare?one=a&other=b", "GET"],
    ["/api/spine/sessions/garden-4711/commands", "POST"],
    ["/api/letters", "POST"],
    ["/api/nothing", "GET"],
  ])("answers %s to nobody without the token", async (path, method) => {
    const before = page.asked.length;
    for (const authorization of [
      undefined,
      "Bearer ",
      `Bearer ${"x".repeat(page.token.length)}`,
      page.token,
    ]) {
      const headers = authorization === undefined ? {} : { authorization };
      const { status, body } = await ask(path, { method, headers });
      expect([status, body.includes("http.token")]).toEqual([401, true]);
    }
    expect(page.asked).toHaveLength(before);
  });

  it.each(["evil.example", "evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:PORT"])(
    "refuses the host %s, for pages and the API",
    async (host) => {
      const headers = { host: host.replace("PORT", port()) };
      expect((await ask("/", { headers })).status).toBe(403);
      expect((await api("/api/about", { headers })).status).toBe(403);
    },
  );

  it.each([
    "http://evil.example",
    "null",
    "http://127.0.0.1:1",
    "https://127.0.0.1:PORT",
    "http://localhost:PORT",
  ])("refuses a request from the origin %s, even with the token", async (origin) => {
    expect((await api("/api/about", { headers: { origin: origin.replace("PORT", port()) } })).status).toBe(
      403,
    );
  });

  it("answers its own page, by either name of this machine", async () => {
    for (const name of ["127.0.0.1", "localhost"]) {
      const headers = { host: `${name}:${port()}`, origin: `http://${name}:${port()}` };
      expect((await api("/api/about", { headers })).status).toBe(200);
    }
  });

  it("lets a page load nothing from elsewhere, and nobody frame it but for the lane view", async () => {
    const { headers, body } = await ask("/s/garden-4711?view=graph");
    expect(headers["content-security-policy"]).toBe(
      "default-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'; frame-ancestors 'none'",
    );
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" });
    expect(body).toContain("<title>Event Spine</title>");
    expect(body).not.toMatch(/style=|<style|<script>|https?:\/\/(?!www\.w3\.org)/);
    const embedded = await ask("/embed/s/garden-4711");
    expect(embedded.headers["content-security-policy"]).toContain(
      "frame-ancestors http://127.0.0.1:* http://localhost:*",
    );
  });

  it("hands out no file but those that were built", async () => {
    for (const path of ["/assets/../index.html", "/assets/%2e%2e/%2e%2e/package.json", "/../package.json"]) {
      const { body } = await ask(path);
      expect(body).not.toContain('"version"');
    }
    expect((await ask("/assets/none.js")).status).toBe(404);
  });

  it("hands requests on to the spine as they are, and its refusals back", async () => {
    const state = await api("/api/spine/sessions/garden-4711/state?at=3");
    expect([state.status, (JSON.parse(state.body) as { sequence: number }).sequence]).toEqual([200, 3]);
    const unknown = await api("/api/spine/sessions/nobody/state");
    expect([unknown.status, unknown.headers["content-type"]]).toEqual([404, "application/problem+json"]);
    const bad = await api("/api/spine/sessions/garden-4711/commands", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect(bad.status).toBe(400);
    expect(page.asked.at(-1)?.caller.source).toBe("console");
  });

  it("hands on nothing else", async () => {
    const before = page.asked.length;
    for (const path of ["correlations", "sessions/../correlations", "sessions/%2e%2e/correlations", ""])
      expect((await api(`/api/spine/${path}`)).status).toBe(404);
    expect((await api("/api/spine/sessions/garden-4711/state", { method: "DELETE" })).status).toBe(404);
    const large = await api("/api/spine/sessions/a/commands", {
      method: "POST",
      body: "x".repeat(MAX_INPUT_BYTES + 1),
    });
    expect(large.status).toBe(413);
    expect(page.asked).toHaveLength(before);
  });

  it("gives one event in full, when it is asked for", async () => {
    const { body } = await api("/api/sessions/garden-4711/event/21");
    expect(JSON.parse(body)).toMatchObject({ sequence: "21", type: "InputAccepted" });
    expect((await api("/api/sessions/garden-4711/event/9999")).status).toBe(404);
  });

  it("says in the page's words that the spine does not answer", async () => {
    const alone = await startConsole({
      port: 0,
      assets: { read: () => Promise.resolve({ status: 200, headers: {}, body: "" }) },
      source: { where: "nowhere", options: "", call: () => Promise.reject(new TypeError("fetch failed")) },
    });
    const answer = await fetch(`${alone.url}/api/spine/sessions`, {
      headers: { authorization: `Bearer ${alone.token}` },
    });
    expect(answer.status).toBeGreaterThanOrEqual(500);
    await alone.close();
  });
});
