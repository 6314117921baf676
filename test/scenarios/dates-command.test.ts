import { describe, expect, it } from "vitest";
import { runScript } from "../support/run-script.ts";

const FIXTURE = ["--config", "test/scenarios/fixture/dates/vitest.config.ts"];
const run = (...args: readonly string[]) => runScript("test-dates.ts", args);

describe("npm run test:dates", () => {
  it("fails on the day on which a test does, and shows the reason", async () => {
    const { status, stdout } = await run(
      ...FIXTURE,
      "--clock",
      "friday",
      "--clock",
      "saturday",
      "closed-tomorrow",
    );
    expect(stdout).toMatch(/^friday .*1 passed/m);
    expect(stdout).toMatch(/^saturday .*1 failed/m);
    expect(stdout).toMatch(/finds the business open tomorrow/);
    expect(stdout).toMatch(/^1 of 2 clocks passed$/m);
    expect(status).toBe(1);
  });

  it("moves the clock of every process alike", async () => {
    const { status, stdout } = await run(...FIXTURE, "--clock", "monday", "one-clock");
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/2 passed/) as string });
  });

  it("takes the day from the time zone", async () => {
    // Saturday in both, and Friday or Sunday in UTC.
    const { stdout } = await run(
      ...FIXTURE,
      "--clock",
      "kiritimati",
      "--clock",
      "st-johns",
      "closed-tomorrow",
    );
    expect(stdout).toMatch(/^0 of 2 clocks passed$/m);
  });

  it("does not pass when no test was run", async () => {
    expect(await run(...FIXTURE, "--clock", "monday", "no-such-test")).toMatchObject({ status: 1 });
  });

  it("lists the clocks", async () => {
    const { status, stderr } = await run("--clock", "doomsday");
    expect(status).toBe(2);
    expect(stderr).toMatch(/unknown clock "doomsday".*leap-day/s);
  });
});
