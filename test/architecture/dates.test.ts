import { describe, expect, it } from "vitest";
import { CLOCKS } from "../../scripts/test-dates/clocks.ts";
import { LEFT_OUT, QUICK, SLOW } from "../../scripts/test-dates/tests.ts";
import { filesOf, textOf } from "./source.ts";

const tests = filesOf("test").filter((path) => path.endsWith(".test.ts"));
const isIn = (list: readonly string[]) => (path: string) => list.some((start) => path.startsWith(start));

/** What takes the time from the machine, or starts what does. */
const TAKES_TIME =
  /\bDate\.now\(|\bnew Date\(\)|\bcreateSystemClock\b|\bstartLocalSpine\b|\bstartCloud\b|\binProcessSpine\b|\brunScript\b|\bstartScript\b|\bsynthesize\(/;

describe("the tests that run at other times", () => {
  it("are all that read the machine's time, except for those with a reason", () => {
    const taking = tests.filter((path) => TAKES_TIME.test(textOf(path)));
    expect(taking.length).toBeGreaterThan(30);
    expect(taking.filter((path) => !isIn([...QUICK, ...SLOW, ...Object.keys(LEFT_OUT)])(path))).toEqual([]);
  });

  it("exist and are listed once", () => {
    const lists = [...QUICK, ...SLOW];
    for (const start of [...lists, ...Object.keys(LEFT_OUT)])
      expect(tests.filter(isIn([start]))).not.toEqual([]);
    expect(tests.filter((path) => isIn(SLOW)(path) && isIn(QUICK)(path))).toEqual([]);
  });

  it("cover every weekday, a leap day, the end of a year, both clock changes, and the outermost time zones", () => {
    const weekdays = CLOCKS.filter(({ zone }) => zone === undefined).map(({ at }) =>
      new Date(at).getUTCDay(),
    );
    expect(new Set(weekdays).size).toBe(7);
    const local = CLOCKS.map(({ at, zone = "UTC" }) =>
      new Date(at).toLocaleString("sv-SE", { timeZone: zone, timeZoneName: "shortOffset" }),
    );
    const said = (pattern: RegExp) => local.filter((text) => pattern.test(text));
    expect(said(/-02-29 /)).toHaveLength(1);
    expect(said(/-12-31 23:59/)).toHaveLength(1);
    expect(CLOCKS.map(({ zone }) => zone)).toEqual(
      expect.arrayContaining(["Pacific/Kiritimati", "America/St_Johns"]),
    );
    // A minute later the offset is another.
    const offset = (at: number, timeZone: string) =>
      new Date(at).toLocaleString("en", { timeZone, timeZoneName: "longOffset" }).replace(/.*GMT/, "");
    const changing = CLOCKS.filter(
      ({ at, zone = "UTC" }) => offset(Date.parse(at), zone) !== offset(Date.parse(at) + 60_000, zone),
    );
    expect(changing.map(({ name }) => name)).toEqual(["spring-forward", "fall-back"]);
  });

  it("run completely when the business is closed tomorrow, and when a year ends during the run", () => {
    const slow = CLOCKS.filter((clock) => clock.slow).map(({ name }) => name);
    expect(slow).toEqual(expect.arrayContaining(["saturday", "new-years-eve"]));
  });
});
