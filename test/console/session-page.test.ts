import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createMemoryLiveOutput } from "#memory/memory-live-output.ts";
import { CHROMIUM, NO_BROWSER, openBrowser, type RunningBrowser } from "./support/browser.ts";
import { openDesk, playMorning, type Desk } from "./support/desk.ts";
import { openConsole, type OpenConsole } from "./support/open-console.ts";
import { visit, type Visit } from "./support/visit.ts";

const live = createMemoryLiveOutput();
let desk: Desk;
let served: OpenConsole;
let browser: RunningBrowser;
let tab: Visit;

describe.skipIf(CHROMIUM === undefined)(
  `a session's page${CHROMIUM === undefined ? `: ${NO_BROWSER}` : ""}`,
  () => {
    beforeAll(async () => {
      desk = openDesk();
      await playMorning(desk);
      [served, browser] = await Promise.all([openConsole(desk.spine, { live }), openBrowser()]);
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await served?.close();
      await desk?.close();
    });
    beforeEach(async () => {
      tab = await visit(browser, served);
    });
    afterEach(async () => {
      expect(tab.complaints).toEqual([]);
      expect(browser.foreign).toEqual([]);
      await tab.page.close();
    });

    const panel = () => tab.page.locator(".panel");
    const heading = () => tab.page.locator(".inspector h2").innerText();
    /** The sequence of the first event of a type. */
    const sequenceOf = async (session: string, type: string, nth = 0): Promise<number> => {
      const events = await desk.spine.reader.events(desk.spine.key(session));
      return events.filter((event) => event.type === type)[nth]?.sequence ?? 0;
    };

    it("draws a lane for each agent and for who else acts, and says so in words", async () => {
      await tab.show("/s/garden-4711");
      expect(await tab.page.locator(".lane-name").allInnerTexts()).toEqual([
        ...["producers", "spine", "triage", "calendar", "quotes", "writer"],
      ]);
      const label = await tab.page.locator(".lanes-view").getAttribute("aria-label");
      expect(label).toMatch(/^6 lanes, \d+ events, 2 problems\. The table of events says the same\.$/);
      expect(await tab.page.locator(".bar.running.stale title").textContent()).toContain("stale");
      expect(await tab.page.locator(".lanes .bar.queued").count()).toBeGreaterThan(0);
      expect(await tab.page.locator(".arrow").count()).toBeGreaterThan(2);
    });

    it("has a question to a person in a lane of its own, open to the end", async () => {
      await tab.show("/s/kitchen-12");
      expect(await tab.page.locator(".lane-name").allInnerTexts()).toContain("people");
      expect(await tab.page.locator(".lanes .bar.asking.open title").textContent()).toContain("asking");
      expect(await tab.page.locator(".waits").innerText()).toContain("What shall we tell this customer?");
    });

    it("has the scores of a reply beside it, by shape and word, and in a table", async () => {
      const at = await sequenceOf("roof-0815", "ReplySent");
      await tab.show(`/s/roof-0815?at=${at}`);
      const row = tab.page.locator(".row", { hasText: "ReplySent" });
      await row.locator(".status-no").first().waitFor();
      expect(await row.innerText()).toMatch(/concrete 0\.7 fair[\s\S]*decided 0\.3 poor, fallback/);
      expect(await row.locator("svg.shape-unasked, svg.shape-no").count()).toBe(2);
      const card = tab.page.locator(".card.scores");
      expect(await card.locator("tbody tr").allInnerTexts()).toEqual([
        expect.stringMatching(/^concrete\s+0\.7\s+fair/),
        expect.stringMatching(/^decided 2\s+0\.3\s+poor\s+fallback/),
      ]);
      expect(await card.locator(".command code").innerText()).toBe("npm run spine -- scores roof-0815");
      await tab.page.keyboard.press("k");
      expect(await card.count()).toBe(0);
    });

    it("shows no scores where nothing is scored", async () => {
      await tab.show(`/s/kitchen-12`);
      expect(await tab.page.locator(".card.scores").count()).toBe(0);
      expect(served.asked.filter(({ path }) => path === "/sessions/kitchen-12/scores")).toEqual([]);
    });

    it("moves by the keyboard, and every event has an address", async () => {
      await tab.show("/s/garden-4711?at=5");
      const at = () => new URL(tab.page.url()).searchParams.get("at");
      for (const [key, sequence] of [
        ["j", "6"],
        ["j", "7"],
        ["k", "6"],
        ["]", "16"],
        ["[", "6"],
        ["g", "1"],
      ] as const) {
        await tab.page.keyboard.press(key);
        expect([key, at()]).toEqual([key, sequence]);
      }
      await tab.page.keyboard.press("G");
      expect(await heading()).toContain("RunCompleted");
      await tab.page.keyboard.press("t");
      expect(new URL(tab.page.url()).searchParams.get("axis")).toBe("time");
      await tab.page.goBack();
      expect(new URL(tab.page.url()).searchParams.get("axis")).toBe(null);
    });

    it("lists its keys", async () => {
      await tab.show("/s/garden-4711");
      await tab.page.keyboard.press("?");
      const text = await tab.page.getByRole("dialog").innerText();
      for (const about of ["the next event", "ten events back", "look for events", "show the keys"])
        expect(text).toContain(about);
      await tab.page.keyboard.press("Escape");
      expect(await tab.page.getByRole("dialog").count()).toBe(0);
    });

    it("looks for events, without moving keys into what is typed", async () => {
      await tab.show("/s/garden-4711?at=5");
      await tab.page.keyboard.press("/");
      await tab.page.keyboard.type("AttemptFailed");
      expect(await tab.page.locator(".row-body .row").count()).toBe(1);
      expect(new URL(tab.page.url()).searchParams.get("at")).toBe("5");
      await tab.page.getByRole("button", { name: /^Select event/ }).click();
      expect(await heading()).toContain("AttemptFailed");
    });

    it("scrubs through the session", async () => {
      await tab.show("/s/garden-4711?panel=state&at=3");
      const slider = tab.page.getByRole("slider", { name: "Event" });
      await slider.focus();
      await tab.page.keyboard.press("ArrowRight");
      await tab.page.keyboard.press("ArrowRight");
      expect(await slider.getAttribute("aria-valuetext")).toMatch(/^event 5 of \d+, ContextTransformed$/);
      await tab.quiet();
      expect(await panel().innerText()).toMatch(/address\s*run’s own\s*nothing\s*\{"street":"Mill Lane 3"\}/);
    });

    it("says why a branch was taken: the ways, their conditions, the values and who wrote them", async () => {
      await tab.show(`/s/garden-4711?at=${await sequenceOf("garden-4711", "ChoiceMade")}`);
      const ways = await panel().locator(".way").allInnerTexts();
      expect(ways[0]).toMatch(/taken\s+when\/0\s+triage\.topic == 'visit' && triage\.sure > 0\.5/);
      expect(ways[1]).toMatch(/not asked\s+when\/1/);
      expect(ways[2]).toMatch(/not asked\s+otherwise/);
      expect(await panel().innerText()).toMatch(/triage\.topic\s+"visit"\s+#\d+ triage/);
      expect(await panel().locator(".command code").innerText()).toMatch(
        /^npm run spine -- why garden-4711 \d+$/,
      );
    });

    it("says what made an answer stale, and by whom", async () => {
      const stale = await sequenceOf("garden-4711", "AnswerStale");
      await tab.show(`/s/garden-4711?at=${stale}`);
      const card = panel().locator(".card.stale");
      expect(await card.innerText()).toMatch(/Stale\s+the answer of quotes, attempt 1/);
      const writer = await sequenceOf("garden-4711", "ContextTransformed", 1);
      expect(await card.innerText()).toMatch(new RegExp(`address by #${writer}`));
      await card.getByRole("button", { name: `#${writer}` }).click();
      expect(await heading()).toBe(`#${writer} ContextTransformed`);
    });

    it("shows what an agent saw beside what is true now", async () => {
      const first = await sequenceOf("garden-4711", "AttemptDispatched", 2);
      await tab.show(`/s/garden-4711?panel=view&at=${first}`);
      const text = await panel().innerText();
      expect(text).toContain("1 fact changed since");
      expect(text).toMatch(/address\.street\s+"Mill Lane 3"\s+"Mill Lane 30"\s+#\d+/);
      await tab.page.getByText("The whole view").click();
      expect(await panel().locator("pre").innerText()).toContain('"topic": "visit"');
    });

    it("shows the state after an event, what it changed, and who wrote each path", async () => {
      const applied = await sequenceOf("garden-4711", "AnswerApplied");
      await tab.show(`/s/garden-4711?panel=state&at=${applied}`);
      expect(await panel().locator(".diff").innerText()).toMatch(
        /triage\s*run’s own\s*nothing\s*\{"topic":"visit","sure":0\.9\}/,
      );
      await panel().getByPlaceholder("look for a path").fill("street");
      const rows = await panel().locator("section:nth-of-type(2) tbody tr").allInnerTexts();
      expect(rows.join("\n")).toMatch(/address\.street\s*run’s own\s+"Mill Lane 3"\s+#5 ContextTransformed/);
    });

    it("reads an event's payload only when it is asked for, and shows all of it", async () => {
      await tab.show("/s/garden-4711?at=1");
      expect(tab.asked.filter((path) => path.includes("/event/"))).toEqual([]);
      await tab.page.getByRole("button", { name: "event", exact: true }).click();
      await tab.quiet();
      expect(tab.asked.filter((path) => path.includes("/event/"))).toEqual(["/sessions/garden-4711/event/1"]);
      expect(await panel().locator("pre").innerText()).toContain("the tap in the garden drips");
    });

    it("lights up the flow's graph, loads what lays it out for it alone, and has it as a table", async () => {
      const loaded: string[] = [];
      tab.page.on("request", (request) => void loaded.push(new URL(request.url()).pathname));
      await tab.show("/s/garden-4711");
      expect(loaded.filter((path) => path.includes("dagre"))).toEqual([]);
      await tab.page.getByRole("button", { name: "graph" }).click();
      await tab.page.locator(".graph-box svg").waitFor();
      expect(loaded.filter((path) => path.includes("dagre"))).toHaveLength(1);
      expect(await tab.page.locator(".step.task.done .badge").allTextContents()).toEqual(["×2", "×2"]);
      expect(await tab.page.locator(".way-line.branch.taken").count()).toBe(1);
      expect(await tab.page.locator(".way-line.branch.not-taken").count()).toBe(2);
      await tab.page.getByText("The graph as a table").click();
      const table = await tab.page.locator(".twin table").innerText();
      expect(table).toMatch(/plan\/2\/when\/0\/0\/price\s+task\s+quotes\s+done, 2 attempts/);
      expect(table).toMatch(/not reached/);
      await tab.page.keyboard.press("g");
      expect(await tab.page.locator(".step.done").count()).toBe(0);
    });

    it("shows a fallback where one was taken", async () => {
      await tab.show("/s/roof-0815?view=graph");
      await tab.page.locator(".step.fallback.done").waitFor();
      expect(await tab.page.locator(".step.fallback.done title").textContent()).toBe("a fixed value: done");
    });

    it("adds up tokens and money, and what was for nothing", async () => {
      await tab.show("/s/garden-4711?view=ledger");
      const text = await tab.page.locator(".ledger").innerText();
      expect(text).toMatch(/tokens\s+2,340/);
      expect(text).toMatch(/for nothing\s+540 tokens, \$0\.0044/);
      expect(text).toMatch(/of that stale\s+1 try, 540 tokens, 9 requests/);
      expect(text).toMatch(
        /AWS requests\s+\d+\s+of that by no attempt alone\s+\d+\s+AWS, estimated\s+\$0\.0000\d+/,
      );
      expect(text).toMatch(/quotes\s+2\s+1,080\s+\$0\.0088\s+17\s+540/);
      expect(text).toContain("Budget of tokens: 9000 at first, 7490 left");
      expect(text).toMatch(/quotes\s+2\s+1,080/);
      expect(await tab.page.locator(".ledger .row.problem").count()).toBe(2);
    });

    it("compares with another session, from where they part", async () => {
      await tab.show("/s/garden-4711?view=compare");
      await tab.page.getByLabel("With session").fill("roof-0815");
      await tab.page.getByRole("button", { name: "Compare", exact: true }).click();
      await tab.page.locator("tr.differs.first").waitFor();
      expect(new URL(tab.page.url()).searchParams.get("with")).toBe("roof-0815");
      const text = await tab.page.locator(".compare").innerText();
      expect(text).toContain("They part at visit, 2/when/0/0/news/0.");
      expect(text).toMatch(/fallbacks\s+0\s+1/);
      expect(await tab.page.locator(".compare .command code").innerText()).toBe(
        "npm run spine -- compare garden-4711 roof-0815",
      );
    });

    it("forks from any event with another value, after a preview, and compares the fork with its origin", async () => {
      await tab.show("/s/garden-4711?panel=fork&at=9");
      await panel().getByRole("button", { name: "+ another value" }).click();
      await panel().getByLabel("Path").fill("triage.topic");
      await panel().getByLabel("Value").fill("parcel");
      expect(await panel().locator(".command code").innerText()).toBe(
        `npm run spine -- fork garden-4711 garden-4711-fork-9 --at 9 --set 'triage.topic="parcel"'`,
      );
      await panel().getByRole("button", { name: "Preview" }).click();
      await panel().getByText("Preview: nothing was done").waitFor();
      expect(await panel().innerText()).toMatch(
        /ahead\s+2\/when\/0\/1\s+writer: reused, if it sees the same by then[^]*It may cost 1,490 tokens/,
      );
      const { sequence } = await desk.spine.reader.current(desk.spine.key("garden-4711-fork-9"));
      expect(sequence).toBe(0);
      await panel().getByRole("button", { name: "Fork", exact: true }).click();
      await panel().getByRole("link", { name: "Compare it with garden-4711" }).click();
      await tab.page.locator("tr.differs.first").waitFor();
      expect(new URL(tab.page.url()).pathname).toBe("/s/garden-4711-fork-9");
      const text = await tab.page.locator(".compare").innerText();
      expect(text).toContain(
        "garden-4711-fork-9 is a fork of garden-4711 at event 9, with another triage.topic.",
      );
      expect(text).toContain("They part at visit, 2.");
      expect(text).toMatch(/1\s+visit\s+same\s+before the fork: answered/);
    });

    it("shows a fork as going on with what its origin had, and what it reuses as reused", async () => {
      const request = { session: "reusing", at: 25 };
      const answer = await fetch(`${served.url}/api/spine/sessions/garden-4711/forks`, {
        method: "POST",
        headers: { authorization: `Bearer ${served.token}`, "content-type": "application/json" },
        body: JSON.stringify(request),
      });
      expect(answer.status).toBe(202);
      await desk.clock.runBy(10_000);
      await tab.show("/s/reusing");
      expect(await tab.page.locator(".lane-name").allInnerTexts()).toEqual([
        ...["producers", "spine", "calendar", "quotes", "writer"],
      ]);
      expect(await tab.page.locator(".lanes .bar.reused").count()).toBe(3);
      expect(await tab.page.locator(".legend").innerText()).toContain("reused of the origin");
      await tab.page.getByRole("button", { name: "ledger" }).click();
      expect(await tab.page.locator("table.reused tbody tr").allInnerTexts()).toEqual([
        expect.stringMatching(/calendar\s+2\/when\/0\/0\/when\s+28\s+[1-9]\d*/),
        expect.stringMatching(/quotes\s+2\/when\/0\/0\/price\s+29\s+[1-9]\d*/),
        expect.stringMatching(/writer\s+2\/when\/0\/1\s+34\s+[1-9]/),
      ]);
      expect(await tab.page.locator(".ledger dl").innerText()).toMatch(
        /reused of the origin\s+3 answers\s+saved by that\s+[1-9][\d,]* tokens, \$0\.\d+/,
      );
      await tab.page.getByRole("button", { name: "graph" }).click();
      await tab.page.locator(".graph-box svg").waitFor();
      expect(await tab.page.locator(".way-line.branch.taken").count()).toBe(1);
      expect(await tab.page.locator(".step.task.done").count()).toBe(4);
      await tab.page.getByRole("link", { name: "fork of garden-4711 at event 25" }).click();
      await tab.page.getByText("No step came to anything else.").waitFor();
    });

    it("shows what is committed while one looks", async () => {
      await tab.show("/s/parcel-9");
      const before = await tab.page.locator(".row-body .row").count();
      await desk.spine.send("ParcelArrived", { at: "the shed" }, { session: "parcel-9", id: "arrived" });
      await desk.clock.runBy(10_000);
      await tab.page.locator(".row-body .row", { hasText: "WaitSatisfied" }).waitFor();
      expect(await tab.page.locator(".row-body .row").count()).toBeGreaterThan(before);
    });

    it("shows what an agent says while it works, until the log has its answer", async () => {
      await desk.spine.send(
        "MessageReceived",
        { text: "A visit", street: "x" },
        { session: "said", id: "1" },
      );
      await desk.clock.runBy(1_100);
      const [, dispatched] = (await desk.spine.reader.events(desk.spine.key("said"))).filter(
        (event) => event.type === "AttemptDispatched" && event.data.agent !== "triage",
      );
      if (dispatched?.type !== "AttemptDispatched") throw new Error("Nobody works.");
      const { task, attempt, agent } = dispatched.data;
      const record = { task, attempt, agent, run: "r", step: "plan", n: 1, text: "Seals, and <b>a valve" };
      await live.put(desk.spine.key("said"), record, desk.clock.now());
      const { waiting } = desk.clock;
      await tab.show(`/s/said?at=${dispatched.sequence}`);
      // The stream has looked into the log, and waits for more.
      await expect.poll(() => desk.clock.waiting).toBeGreaterThan(waiting);
      await desk.clock.runBy(600);
      await tab.page.locator(".inspector .card.live").waitFor();
      expect(await tab.page.locator(".inspector .card.live").innerText()).toMatch(
        /What quotes says while it works\s+Seals, and <b>a valve/,
      );
      expect(await tab.page.locator(".session-head .live").innerText()).toMatch(/^quotes: .*a valve/);
      expect(await tab.page.locator(".bar.running.open title").allTextContents()).toContainEqual(
        expect.stringMatching(/^price: running, open, .*: Seals, and <b>a valve$/),
      );
      await desk.clock.runBy(60_000);
      await tab.page.locator(".inspector .card.live").waitFor({ state: "detached" });
      expect(await tab.page.locator(".live").count()).toBe(0);
    });

    it("can be embedded: the picture alone", async () => {
      await tab.show("/embed/s/roof-0815");
      expect(await tab.page.locator("header, .inspector").count()).toBe(0);
      expect(await tab.page.locator(".lanes-view").count()).toBe(1);
    });

    it("shows what was said as text, whatever it looks like", async () => {
      const hostile = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;
      const said = { text: hostile, street: hostile };
      await desk.spine.send("MessageReceived", said, { session: "hostile", id: hostile });
      await desk.clock.runBy(10_000);
      for (const name of ["why", "state", "event"]) {
        await tab.show(`/s/hostile?panel=${name}&at=5`);
        expect(await tab.page.locator("main img, main script, main b").count()).toBe(0);
        expect(await tab.page.title()).toBe("hostile · Event Spine");
      }
      expect(await panel().locator("pre").innerText()).toContain("<script>");
    });

    it("says that a session is unknown", async () => {
      await tab.page.goto(`${served.url}/s/nobody`);
      await tab.page.getByText("Session nobody has received no events").waitFor();
    });

    it("asks for the token in a tab that has none, and takes it out of the address", async () => {
      expect(tab.page.url()).toBe(`${served.url}/`);
      const other = await browser.page();
      await other.goto(`${served.url}/s/garden-4711`);
      await other.getByLabel("Address or token").fill(served.address);
      await other.getByRole("button", { name: "Open" }).click();
      await other.locator(".lanes-view").waitFor();
      await other.close();
    });
  },
);
