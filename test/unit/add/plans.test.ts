import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { agentTest } from "../../../scripts/add/agent-texts.ts";
import { FROM, frameworkAgent } from "../../../scripts/add/framework-agents.ts";
import { BROUGHT } from "../../../scripts/add/plan-aws.ts";
import { carryOut, type Plan } from "../../../scripts/add/plan.ts";
import { planAgent } from "../../../scripts/add/plan-agent.ts";
import { planFlow } from "../../../scripts/add/plan-flow.ts";
import { ENTRIES } from "../../../scripts/build/package-files.ts";
import { textOf } from "../../architecture/source.ts";

const SPINE = textOf("packages/create/template/spine.ts");
const project = (source = SPINE) => ({ app: "spine.ts", source, extension: ".ts" });
const problemsOf = ({ problems }: Plan) => problems.map(({ field, problem }) => `${field} ${problem}`);

describe("a new agent", () => {
  it("is imported, listed, and called before the reply", () => {
    const { created, changed, problems } = planAgent(project(), { name: "order-status" });
    expect(problems).toEqual([]);
    expect(Object.keys(created)).toEqual(["agents/order-status.ts", "test/order-status.test.ts"]);
    const before = SPINE.split("\n");
    const lines = (changed["spine.ts"] ?? "").split("\n").filter((line) => !before.includes(line));
    expect(lines).toEqual([
      'import { orderStatus, orderStatusAgent } from "./agents/order-status.ts";',
      "export const agents: readonly Agent[] = [helloAgent, orderStatusAgent];",
      '  plan: sequence(step(hello), step(orderStatus), reply("hello")),',
    ]);
  });

  it("is called at the end of a flow that does not end with a reply, and in the flow that is named", () => {
    const source = `${SPINE}\ndefineFlow({ name: "other", plan: sequence(step(hello)) });\n`;
    const { changed } = planAgent(project(source), { name: "late", flow: "other" });
    expect(changed["spine.ts"]).toContain('name: "other", plan: sequence(step(hello), step(late))');
    expect(changed["spine.ts"]).toContain('sequence(step(hello), reply("hello"))');
  });

  it.each([
    ["Bad", /^NAME "Bad" does not match/],
    ["new", /^NAME "new" cannot be the name of a value/],
    ["hello", /^NAME "hello" is already used/],
    ["reply", /^NAME "reply" is already used/],
    ["session", /^NAME "session" is a section that the spine itself writes/],
  ])("may not be called %s", (name, problem) => {
    expect(problemsOf(planAgent(project(), { name }))).toEqual([expect.stringMatching(problem)]);
  });

  it("is refused where the module has another shape, each part with a repair", () => {
    expect(problemsOf(planAgent(project("export {};\n"), { name: "late" }))).toEqual([
      "spine.ts has no list of agents",
      "spine.ts has no flow with plan: sequence(…)",
    ]);
    expect(problemsOf(planAgent(project(), { name: "late", flow: "none" }))).toEqual([
      'spine.ts has no flow "none" with plan: sequence(…)',
    ]);
  });
});

describe("a new agent on something that one has", () => {
  it.each(FROM)("imports the adapter %s, and answers by a script until that is there", (from) => {
    const { text, answers, next } = frameworkAgent("order-status", from);
    expect(text).toContain(`from "event-spine/adapters/${from}";`);
    expect(text).toContain("export const orderStatusAgent =");
    expect(text).toContain(answers);
    expect(answers).toMatch(/^order-status: a scripted \w+ answers\.$/);
    expect(next).not.toContain("NAME");
    expect(agentTest("order-status", ".ts", `"${answers}"`)).toContain(`{ text: "${answers}" }`);
  });

  it("is refused where this version has no such adapter", () => {
    const refused = FROM.filter((from) => ENTRIES[`./adapters/${from}`] === undefined);
    for (const from of FROM) {
      const problems = problemsOf(planAgent(project(), { name: "late", from }));
      expect(problems).toEqual(
        refused.includes(from) ? [`--from this version of event-spine has no adapter "${from}"`] : [],
      );
    }
  });
});

describe("a new flow", () => {
  it("is imported and listed, and may not be called as one that is there", () => {
    const { created, changed } = planFlow(project(), "refund");
    expect(Object.keys(created)).toEqual(["flows/refund.ts", "test/refund-flow.test.ts"]);
    expect(changed["spine.ts"]).toContain("flows: [helloFlow, refundFlow],");
    expect(problemsOf(planFlow(project(), "hello"))).toEqual([expect.stringMatching(/already used/)]);
    expect(problemsOf(planFlow(project("export {};\n"), "refund"))).toEqual([
      "spine.ts has no list of flows",
    ]);
  });
});

describe("a plan", () => {
  const here = process.cwd();
  let folder: string;
  const inFolder = (path: string) => join(folder, path);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "plan-"));
    writeFileSync(inFolder("spine.ts"), "old");
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const plan = (created: readonly string[], changed: string, problems: Plan["problems"] = []): Plan => ({
    created: Object.fromEntries(created.map((path) => [inFolder(path), "new"])),
    changed: { [inFolder("spine.ts")]: changed },
    problems,
    next: [],
  });

  it("is carried out whole", () => {
    expect(carryOut(plan(["a/b.ts"], "changed"))).toHaveLength(2);
    expect(readFileSync(inFolder("a/b.ts"), "utf8")).toBe("new");
    expect(readFileSync(inFolder("spine.ts"), "utf8")).toBe("changed");
    expect(process.cwd()).toBe(here);
  });

  it("overwrites nothing, and then writes nothing at all", () => {
    writeFileSync(inFolder("b.ts"), "mine");
    expect(() => carryOut(plan(["a.ts", "b.ts"], "changed"))).toThrow(/b\.ts: exists\. Remove it/);
    expect(existsSync(inFolder("a.ts"))).toBe(false);
    expect(readFileSync(inFolder("spine.ts"), "utf8")).toBe("old");
  });

  it("is undone where a file cannot be written", () => {
    writeFileSync(inFolder("b"), "a file, and no folder");
    expect(() => carryOut(plan(["a.ts", "b/c.ts"], "changed"))).toThrow();
    expect(existsSync(inFolder("a.ts"))).toBe(false);
    expect(readFileSync(inFolder("spine.ts"), "utf8")).toBe("old");
  });

  it("with problems is told with all of them, and not carried out", () => {
    const problem = { field: "NAME", problem: "is bad", repair: "Change it." };
    expect(() => carryOut(plan(["a.ts"], "changed", [problem]))).toThrow("NAME: is bad. Change it.");
    expect(existsSync(inFolder("a.ts"))).toBe(false);
  });
});

describe("the packages that a stack needs", () => {
  it("are of the versions that this repository is tested with", () => {
    const { devDependencies } = JSON.parse(textOf("package.json")) as {
      readonly devDependencies: Readonly<Record<string, string>>;
    };
    for (const [name, version] of Object.entries(BROUGHT)) expect(devDependencies[name]).toBe(version);
  });
});
