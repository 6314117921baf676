import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CHROMIUM, NO_BROWSER, openBrowser, type RunningBrowser } from "./support/browser.ts";
import { openDesk, playMorning, type Desk } from "./support/desk.ts";
import { LETTER, PARKED } from "./support/desk-letters.ts";
import { listMade } from "./support/made-rows.ts";
import { openConsole, type OpenConsole } from "./support/open-console.ts";
import { visit, type Visit } from "./support/visit.ts";

let desk: Desk;
let served: OpenConsole;
let bare: OpenConsole;
let browser: RunningBrowser;
let tab: Visit;

describe.skipIf(CHROMIUM === undefined)(`the lists${CHROMIUM === undefined ? `: ${NO_BROWSER}` : ""}`, () => {
  beforeAll(async () => {
    desk = openDesk();
    await playMorning(desk);
    [served, bare, browser] = await Promise.all([
      openConsole(desk.spine),
      openConsole(desk.spine, { isBare: true }),
      openBrowser(),
    ]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await Promise.all([served?.close(), bare?.close()]);
    await desk?.close();
  });
  beforeEach(async () => {
    tab = await visit(browser, served, desk.clock.now());
  });
  afterEach(async () => {
    expect(tab.complaints).toEqual([]);
    expect(browser.foreign).toEqual([]);
    await tab.page.close();
  });

  const rows = () => tab.page.locator(".row-body .row");

  describe("of sessions", () => {
    it("has problems on top, and says state, wait and cost in words", async () => {
      await tab.show("/");
      const texts = await rows().allInnerTexts();
      expect(texts[0]).toMatch(/roof-0815\s+idle\s+fallback/);
      expect(texts.find((text) => text.includes("kitchen-12"))).toMatch(
        /asking\s+person 2\/otherwise\/0, 60 min/,
      );
      expect(texts).toHaveLength(6);
    });

    it("keeps its view in the address: a saved one, a condition, and one's own", async () => {
      await tab.show("/");
      await tab.page.getByRole("link", { name: "Asking" }).click();
      await tab.quiet();
      expect(new URL(tab.page.url()).search).toBe("?state=asking");
      expect(await rows().count()).toBe(2);
      await tab.page.keyboard.press("/");
      await tab.page.keyboard.type("money > 0.015");
      await tab.page.keyboard.press("Enter");
      await tab.page.getByRole("link", { name: "All", exact: true }).click();
      await tab.page.keyboard.press("/");
      await tab.page.keyboard.type("money > 0.015");
      await tab.page.keyboard.press("Enter");
      await tab.quiet();
      expect(await rows().count()).toBe(2);
      await tab.page.getByRole("button", { name: "keep this view" }).click();
      await tab.show("/?state=idle");
      await tab.page.getByRole("link", { name: "money > 0.015" }).click();
      expect(new URL(tab.page.url()).searchParams.get("filter")).toBe("money > 0.015");
      expect(await tab.page.locator(".command code").innerText()).toBe(
        "npm run spine -- sessions --filter 'money > 0.015'",
      );
    });

    it("does not move while one looks: new sessions are counted, changed ones change", async () => {
      await tab.show("/");
      const before = await rows().allInnerTexts();
      const unlist = await listMade(desk.spine, [50, 1, 2]);
      const fresh = tab.page.getByRole("button", { name: "3 new" });
      await fresh.waitFor();
      expect((await rows().allInnerTexts()).map((text) => text.split("\n")[0])).toEqual(
        before.map((text) => text.split("\n")[0]),
      );
      await fresh.click();
      expect(await rows().count()).toBe(9);
      expect(await tab.page.getByRole("button", { name: /new$/ }).count()).toBe(0);
      await unlist();
    });

    it("opens a session by the keyboard", async () => {
      await tab.show("/");
      const third = await rows().nth(2).getByRole("link").innerText();
      // As fast as keys come: no frame is drawn between them.
      await tab.page.evaluate(`(async () => {
        for (const key of ["j", "j", "j", "k", "Enter"]) {
          dispatchEvent(new KeyboardEvent("keydown", { key }));
          await new Promise((done) => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = done;
            port2.postMessage(0);
          });
        }
      })()`);
      expect(new URL(tab.page.url()).pathname).toBe(`/s/${third}`);
    });

    it("stops and cancels what was picked, after a dry run that says what it would do", async () => {
      await desk.spine.send("MessageReceived", { text: "Hm", street: "x" }, { session: "stop-me", id: "1" });
      await desk.spine.send(
        "MessageReceived",
        { text: "Hm", street: "x" },
        { session: "cancel-me", id: "1" },
      );
      await desk.clock.runBy(5_000);
      await tab.show("/?state=asking");
      await tab.page.getByLabel("Pick cancel-me").check();
      await tab.page.getByRole("button", { name: "Cancel runs…" }).click();
      await tab.page.getByText("Dry run: 1 command to 1 session").waitFor();
      expect(await tab.page.locator(".dry .command code").innerText()).toMatch(
        /^npm run spine -- cancel cancel-me \S+$/,
      );
      await tab.page.getByRole("button", { name: "Do it: 1 command" }).click();
      await tab.page.getByText("1 command recorded.").waitFor();
      await tab.page.getByRole("button", { name: "none" }).click();
      await tab.page.getByLabel("Pick stop-me").check();
      await tab.page.getByRole("button", { name: "Stop…" }).click();
      const before = served.asked.filter(({ method }) => method === "POST").length;
      await tab.page.getByRole("button", { name: "Leave it" }).click();
      expect(served.asked.filter(({ method }) => method === "POST")).toHaveLength(before);
      await tab.page.getByRole("button", { name: "Stop…" }).click();
      await tab.page.getByRole("button", { name: "Do it: 1 command" }).click();
      await tab.page.getByText("1 command recorded.").waitFor();
      expect((await desk.spine.reader.current(desk.spine.key("stop-me"))).status).toBe("stopped");
      const cancelled = await desk.spine.reader.events(desk.spine.key("cancel-me"));
      expect(cancelled.map(({ type }) => type)).toContain("RunCancelled");
    });
  });

  describe("of questions to people", () => {
    it("has the one that is due first on top, and a form from the answer's schema", async () => {
      await tab.show("/people");
      await tab.page.keyboard.press("j");
      await tab.quiet();
      expect(new URL(tab.page.url()).searchParams.get("session")).toBe("kitchen-12");
      expect(await tab.page.getByLabel("What shall we do?").locator("option").allTextContents()).toEqual([
        ...["choose…", "book", "answer", "refuse"],
      ]);
      await tab.page.getByRole("button", { name: "Answer", exact: true }).click();
      await tab.page.getByText("What shall we do? is missing.").waitFor();
    });

    it("says what changed since, sends the answer, and takes the question away", async () => {
      await desk.spine.send("MessageReceived", { text: "Hm", street: "x" }, { session: "ask-me", id: "1" });
      await desk.clock.runBy(5_000);
      const events = await desk.spine.reader.events(desk.spine.key("ask-me"));
      const asked = events.find((event) => event.type === "HumanAsked");
      const ask = asked?.type === "HumanAsked" ? asked.data.ask : "";
      await desk.spine.send("Noted", { mood: "cross" }, { session: "ask-me", id: "2" });
      await desk.clock.runBy(1_000);
      await tab.show(`/people?session=ask-me&ask=${ask}`);
      expect(await tab.page.locator(".inspector .card").innerText()).toMatch(
        /1 fact changed since[^]*mood\s+nothing\s+"cross"/,
      );
      await tab.page.getByText("The session as of the question").click();
      expect(await tab.page.locator(".inspector pre").innerText()).toContain('"text": "Hm"');
      await tab.page.getByLabel("What shall we do?").selectOption("answer");
      await tab.page.getByLabel("What do we tell them?").fill("We call you.");
      expect(await tab.page.locator(".inspector .command code").innerText()).toBe(
        `npm run spine -- answer ask-me ${ask} '{"decision":"answer","note":"We call you."}'`,
      );
      await tab.page.getByRole("button", { name: "Answer", exact: true }).click();
      await tab.page.getByText("This question is not open any more.").waitFor();
      const answered = await desk.spine.reader.events(desk.spine.key("ask-me"));
      expect(answered.find(({ type }) => type === "HumanAnswered")?.data).toMatchObject({
        input: { value: { decision: "answer", note: "We call you." }, source: "console" },
      });
    });

    it("says that a question has expired, and takes no answer then", async () => {
      await tab.page.close();
      tab = await visit(browser, served, desk.clock.now() + 2 * 3_600_000);
      await tab.show("/people");
      expect(await rows().first().innerText()).toContain("expired");
      await rows().first().click();
      expect(await tab.page.getByRole("button", { name: "Answer", exact: true }).isDisabled()).toBe(true);
    });
  });

  describe("of agents, queues, alarms and letters", () => {
    const card = (title: string) =>
      tab.page.locator("section.card", { has: tab.page.getByRole("heading", { name: title }) });

    beforeEach(() => tab.show("/health"));

    it("say what is wrong by shape and word, with rates, times and ages", async () => {
      expect(await tab.page.locator("main").innerText()).toMatch(
        /quotes\s+open\s+3 changes\s+3\s+3 s\s+5.1 s\s+5.1 s\s+6\s+160\s+61\s+12\s+1\s+2/,
      );
      expect(await card("Queues").innerText()).toMatch(/agent-quotes\.fifo\s+9\s+1\s+1\.4 min\s+2/);
      expect(await tab.page.locator(".status-problem .shape").count()).toBeGreaterThan(0);
      await tab.page.getByText("3 changes").click();
      expect(await tab.page.locator("details.history li").allInnerTexts()).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^opened .* ago$/) as string,
          expect.stringMatching(/^closed .* ago, after 5 min$/) as string,
        ]),
      );
    });

    it("have the alarms that ring on top, with where to read on, and the others on demand", async () => {
      expect(await card("Alarms").innerText()).toMatch(
        /agent-quotes-letters\s+rings\s+9[.\d]* min ago\s+the agent quotes gave up on tasks\. docs\/operations\.md, Alarms, agent-NAME-letters/,
      );
      await card("Alarms").getByText("5 alarms that do not ring").click();
      expect(await card("Alarms").innerText()).toMatch(/retention-uncalled\s+no data[^]*parked-letters\s+ok/);
    });

    it("have the tenant's quotas and what is left of them", async () => {
      const text = await card("Quotas").innerText();
      expect(text).toMatch(/events of \w+\s+20 a second, 40 at once\s+12 left/);
      expect(text).toMatch(/requests that wait for a reply\s+200 at once, 50 of a tenant/);
      expect(text).toMatch(/in one FIFO queue\s+120,000\s+2 messages, agent-triage\.fifo/);
    });

    it("have the commands of each letter, and say what waits for what", async () => {
      await tab.page.getByRole("button", { name: "commands" }).first().click();
      expect(await tab.page.locator(".command code").allInnerTexts()).toContain(
        `npm run spine -- dead-letters redrive ${LETTER} --reason 'what was repaired'`,
      );
      await tab.page.getByRole("button", { name: "explain" }).first().click();
      await tab.page
        .getByText(/waits for an event ParcelArrived|ParcelArrived.*until/)
        .first()
        .waitFor();
    });

    it("redrive the letters that are picked, after a dry run with their number, a reason and each command", async () => {
      const letters = card("Dead letters");
      expect(await letters.getByRole("checkbox").count()).toBe(3);
      expect(await letters.getByRole("checkbox").last().isDisabled()).toBe(true);
      await letters.getByRole("button", { name: "all 2 open" }).click();
      await letters.getByRole("button", { name: "Redrive…" }).click();
      expect(await letters.innerText()).toContain("Dry run: 2 letters would go back");
      const act = letters.getByRole("button", { name: "Do it: 2 letters" });
      expect(await act.isDisabled()).toBe(true);
      await letters.getByLabel("What was repaired").fill("a new model");
      expect(await letters.locator(".command code").first().innerText()).toBe(
        `npm run spine -- dead-letters redrive ${LETTER} --reason 'a new model'`,
      );
      expect(served.operated).toEqual([]);
      await act.click();
      await letters.getByText(/^1 letter redriven\. .*the session cannot be read/).waitFor();
      expect(served.operated).toEqual(
        [LETTER, PARKED].map((letter) => ({ op: "redrive", letter, reason: "a new model" })),
      );
      await letters.getByText("redriven", { exact: true }).waitFor();
      expect(await letters.getByRole("button", { name: "all 1 open" }).count()).toBe(1);
    });
  });

  it("say plainly what a deployment does not have, and open a session by its name all the same", async () => {
    await tab.page.close();
    tab = await visit(browser, bare);
    await tab.page.getByText("This deployment has no list of sessions.").waitFor();
    await tab.page.getByRole("link", { name: "People" }).click();
    await tab.page.getByText("This deployment has no list of questions.").waitFor();
    await tab.page.getByRole("link", { name: "Health" }).click();
    await tab.page.getByText("This deployment does not tell its agents' health.").waitFor();
    await tab.page.getByRole("link", { name: "Sessions" }).click();
    await tab.page.getByLabel("Session", { exact: true }).fill("garden-4711");
    await tab.page.getByRole("button", { name: "Open" }).click();
    await tab.page.locator(".lanes-view").waitFor();
  });
});
