import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as z from "zod";
import { afterAll, describe, expect, it } from "vitest";
import { defineAgent } from "#core/contract.ts";
import { contractsOf } from "#core/flow/compile.ts";
import { customerCareApplication } from "#flows/customer-care.ts";
import { createMemoryCalendar } from "#functions/agents/scheduling/memory-calendar.ts";
import { loadAgent } from "../../../scripts/start/load-agent.ts";

const needs = { calendar: createMemoryCalendar() };
const contract = defineAgent({ name: "nobody", output: z.unknown() });
const folder = mkdtempSync(join(tmpdir(), "event-spine-agents-"));
const root = pathToFileURL(`${folder}/`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function writeAgent(name: string, text: string): void {
  mkdirSync(join(folder, "functions/agents", name), { recursive: true });
  writeFileSync(join(folder, "functions/agents", name, "agent.ts"), text);
}

describe("an agent", () => {
  it("is found by its contract's name, each of the application's", async () => {
    const contracts = contractsOf(customerCareApplication);
    expect(contracts.length).toBeGreaterThan(0);
    for (const one of contracts) expect((await loadAgent(one, needs)).contract).toBe(one);
  });

  it("whose file is missing is an error that names the file", async () => {
    await expect(loadAgent(contract, needs)).rejects.toMatchObject({
      code: "contract.invalid",
      message: expect.stringContaining("functions/agents/nobody/agent.ts") as unknown,
    });
  });

  it("whose file exports no agent is an error that says what to export", async () => {
    const silent = defineAgent({ name: "silent", output: z.unknown() });
    writeAgent("silent", "export const nothing = 1;\n");
    await expect(loadAgent(silent, needs, root)).rejects.toThrow(
      "functions/agents/silent/agent.ts exports neither `agent` nor `createAgent`",
    );
  });

  it("that keeps another contract is an error", async () => {
    const mine = defineAgent({ name: "mine", output: z.unknown() });
    writeAgent("mine", `export const agent = { contract: { spec: { name: "yours" } }, run: () => null };\n`);
    await expect(loadAgent(mine, needs, root)).rejects.toThrow(`implements another contract, named "yours"`);
  });
});
