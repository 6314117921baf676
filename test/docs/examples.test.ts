import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { buildPackage } from "../../scripts/build/build-package.ts";
import { filesOf, ROOT, textOf } from "../architecture/source.ts";
import { blocksOf } from "./pages.ts";
import { runNode } from "./run-node.ts";

/** What each example prints. */
const PRINTED: Record<string, string> = {
  "docs/examples/hello.ts": "{ text: 'Hello Ada' }",
  "docs/examples/flows.ts": "",
  "docs/examples/play-flows.ts": `LetterAsked {"text":"Dear reader: facts about tides."}
QuoteAsked {"total":40,"inStock":true}
OpinionAsked {"branch":"careful","confidence":0.9,"value":{"text":"certainly"}}
DiscountAsked {"granted":5}
ListSent {"fine":2}
OrderPlaced {"paid":true,"total":40}
OrderPlaced {"text":"Dear reader: facts about parcel for 40."}
FlakyAsked {"text":"probably"}`,
  "docs/examples/agents.ts": `one replied: AnswerApplied, ReplySent, RunCompleted
two waits: AttemptFailed, FallbackTaken, HumanAsked
paid 1 time
1 task was handed over
the survey left off at page 31`,
  "docs/examples/client.ts": `{ total: 60, by: 'Ada' }
60 signed by Ada`,
  "docs/examples/undoing.ts": `No visa is given.
leave-flight gives back seat 3a
leave-hotel gives back room 12
0 bookings are left`,
  "docs/examples/later-answer.ts": "",
  "docs/examples/later.ts": `1 job has begun, no function waits for it
{ type: 'recorded' }
{ type: 'settled' }
{ film: 'a-day.mp4' }
{ film: 'none in time' }
{ type: 'recorded' }`,
  "docs/examples/signals.ts": `wish: signalled
wish: signalled
enough: signalled
{ hotels: [ 'Grand Hotel', 'with a garden', 'with breakfast' ] }
wish: ignored, no task is under way there`,
  "docs/examples/scorers.ts": `9 answered 1
9 personal 1
19 answered 1
19 personal 0.5 no-name
live: 9 answered 1
live: 9 personal 1`,
  "docs/examples/subscription.ts": `event 19: {"text":"Hello Grace"}
as the log says: true`,
};

/** Of this one the page shows what is printed. */
const MOVING = "docs/coming-from-direct-calls.md";
for (const name of ["agents", "flows", "implementations", "mesh"])
  PRINTED[`docs/examples/moving/${name}.ts`] = "";
PRINTED["docs/examples/moving/move.ts"] = blocksOf(MOVING)
  .filter(({ language }) => language === "text")
  .map(({ text }) => text.trimEnd())
  .join("\n");

/** Types of what a page loads are no program. */
const examples = filesOf("docs/examples").filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"));
/** Where code on a page may come from: what is run here, and what the tests of infrastructure synthesize. */
const shown = [
  ...examples,
  "infra/stacks/recommendation-stack.ts",
  "infra/stacks/customer-care-stack.ts",
  "infra/stacks/session-mirror.ts",
  "test/local/fixture/schedules/app.ts",
  "functions/subscribers/mirror/handler.ts",
  "functions/subscribers/scorers/handler.ts",
  "test/local/fixture/python/app.ts",
  // Run by test/aws/python-agent.test.ts.
  ...filesOf("docs/examples/python-agent").filter((path) => path.endsWith(".py")),
  "test/infra/sample-deployments.ts",
  // Compiled and run with the frameworks that they name.
  ...filesOf("test/adapters/examples").filter((path) => path.endsWith(".ts")),
  // Run where the package is installed.
  ...filesOf("test/package/consumer").filter((path) => path.endsWith(".ts")),
];
/** Tests of their own apply the blocks of the one to a copy of the repository, and compare the other with what is built. */
const ELSEWHERE = ["docs/add-an-agent.md", "docs/public-api.md"];
const pages = ["README.md", ...filesOf("docs").filter((path) => path.endsWith(".md"))].filter(
  (page) => !ELSEWHERE.includes(page),
);

describe("the examples", () => {
  // Node finds the package that they name in what is built.
  beforeAll(() => buildPackage(ROOT, { declarations: false }), 60_000);

  it("compile with everything else: npm run typecheck builds them", () => {
    const { references } = JSON.parse(textOf("tsconfig.json")) as { readonly references: readonly unknown[] };
    expect(references).toContainEqual({ path: "./docs/examples" });
  });

  it("are all expected to print something, or to be flows for others to run", () => {
    expect(examples.toSorted()).toEqual(Object.keys(PRINTED).toSorted());
  });

  it.each(Object.entries(PRINTED))("%s prints the expected output, and ends", async (path, printed) => {
    const { code, output } = await runNode([path]);
    expect(output.trimEnd()).toBe(printed);
    expect(code).toBe(0);
  });

  it("for a test runner pass under node:test", async () => {
    const { code, output } = await runNode([
      "--test",
      "--test-reporter=tap",
      "test/package/consumer/faults.node.ts",
    ]);
    expect(output).toMatch(/^# pass 3$/m);
    expect(code).toBe(0);
  });
});

describe("the pages", () => {
  it("show the complete first example in the README", () => {
    const [first] = blocksOf("README.md").filter(({ language }) => language === "ts");
    expect(first?.text).toBe(textOf("docs/examples/hello.ts"));
  });

  it.each(pages)("%s shows only code that runs", (page) => {
    const strangers = blocksOf(page)
      .filter(({ language }) => ["ts", "python"].includes(language))
      .filter(({ title, text }) => title === undefined || !shown.includes(title) || !isPart(text, title));
    expect(strangers).toEqual([]);
  });
});

const isPart = (text: string, path: string): boolean =>
  text.trim() !== "" && flush(readFileSync(join(ROOT, path), "utf8")).includes(flush(text).trim());

/** A page shows code from inside a class without its indentation. */
const flush = (text: string): string => text.replaceAll(/^ +/gm, "");
