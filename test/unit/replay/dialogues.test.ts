import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isConversationError } from "../../../scripts/replay/conversation-error.ts";
import { readConversations } from "../../../scripts/replay/dialogues.ts";
import { FIXTURES } from "./fixture.ts";

describe("a folder of conversations", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "sgd-"));
    cpSync(FIXTURES, dir, { recursive: true });
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const replace = (file: string, from: string, to: string) => {
    const text = readFileSync(join(dir, file), "utf8");
    expect(text).toContain(from);
    writeFileSync(join(dir, file), text.replace(from, to));
  };
  const complaint = (where = dir) => {
    try {
      readConversations(where);
    } catch (error) {
      if (isConversationError(error)) return `${error.code} ${error.message}`;
      throw error;
    }
    throw new Error("The folder was read without complaint");
  };

  it("is read in the order of its files", () => {
    const [first, ...rest] = JSON.parse(readFileSync(join(dir, "dialogues_001.json"), "utf8")) as unknown[];
    writeFileSync(join(dir, "dialogues_001.json"), JSON.stringify(rest));
    writeFileSync(join(dir, "dialogues_002.json"), JSON.stringify([first]));
    expect(readConversations(dir).dialogues.map((dialogue) => dialogue.dialogue_id)).toEqual([
      "02_guide_at_another_time",
      "03_two_transfers",
      "04_offers_run_out",
      "01_cabin_and_ferry",
    ]);
  });

  it("is rejected when one of its files is not JSON", () => {
    writeFileSync(join(dir, "dialogues_002.json"), "no JSON");
    expect(complaint()).toMatch(
      /^replay.badJson .*dialogues_002.json: cannot be read as JSON.*Download the file again/,
    );
  });

  it("is rejected when a dialogue id is not a session id, or a service name not an agent name", () => {
    replace("dialogues_001.json", '"03_two_transfers"', '"03 two transfers"');
    expect(complaint()).toMatch(
      /^replay.badName .*dialogue_id: "03 two transfers" cannot name a session\. Use/,
    );
    replace("schema.json", '"service_name": "Purse_1"', '"service_name": "1_Purse"');
    expect(complaint()).toMatch(/^replay.badName .*service_name: "1_Purse" does not make a valid agent name/);
  });

  it("must exist", () => {
    expect(complaint(join(dir, "nowhere"))).toMatch(
      /^replay.dirMissing .*nowhere: is not a readable folder.*Give the path/,
    );
  });

  it("must contain dialogues", () => {
    rmSync(join(dir, "dialogues_001.json"));
    expect(complaint()).toMatch(/^replay.noDialogues .*contains no dialogues_\*\.json.*Name the folder/);
  });

  it("must contain the schema of its services", () => {
    rmSync(join(dir, "schema.json"));
    expect(complaint()).toMatch(/^replay.noSchema .*contains no schema\.json.*Put the schema\.json/);
  });

  it("is rejected with the path of a malformed field", () => {
    replace("dialogues_001.json", '"canonical_values": ["3"]', '"canonical_values": "3"');
    expect(complaint()).toMatch(
      /^replay.badShape .*dialogues_001.json: \[0\]\.turns\[6\]\.frames\[0\]\.actions\[2\]\.canonical_values: .*expected array.*Give this field/,
    );
  });

  it("is rejected when a service is not in the schema", () => {
    replace("dialogues_001.json", '"service": "Purse_1"', '"service": "Purse_2"');
    expect(complaint()).toMatch(
      /^replay.unknownService .*\[2\]\.turns\[0\]\.frames\[0\]\.service: "Purse_2" is not a service.*Use the schema/,
    );
  });

  it("is rejected when a call names an intent that its service lacks", () => {
    replace("dialogues_001.json", '"method": "SendMoney"', '"method": "BurnMoney"');
    expect(complaint()).toMatch(
      /^replay.unknownIntent .*service_call\.method: "BurnMoney".*LookInside, SendMoney/,
    );
  });

  it("is rejected when a state contains a slot that its service lacks", () => {
    replace("dialogues_001.json", '"payee": ["Ingrid"]', '"friend": ["Ingrid"]');
    expect(complaint()).toMatch(/^replay.unknownSlot .*slot_values\.friend: is not a slot of Purse_1/);
  });

  it("is rejected when the same speaker speaks twice in a row", () => {
    replace("dialogues_001.json", '"speaker": "SYSTEM"', '"speaker": "USER"');
    expect(complaint()).toMatch(/^replay.badShape /);
  });

  it("is rejected when two dialogues share a session", () => {
    cpSync(join(dir, "dialogues_001.json"), join(dir, "dialogues_002.json"));
    expect(complaint()).toMatch(
      /^replay.sameName .*dialogues_002.json: \[0\]\.dialogue_id: "01_cabin_and_ferry"/,
    );
  });

  it("is rejected when two services would write one section", () => {
    replace("schema.json", '"service_name": "Purse_1"', '"service_name": "GUIDES_1"');
    expect(complaint()).toMatch(
      /^replay.sameName .*schema.json: \[3\]\.service_name: .*"guides_1", which is already taken/,
    );
  });

  it("is rejected when an intent has a slot that its service lacks", () => {
    replace("schema.json", '"required_slots": ["pocket"]', '"required_slots": ["bag"]');
    expect(complaint()).toMatch(/^replay.unknownSlot .*\[3\]\.intents\[0\]: intent LookInside takes "bag"/);
  });
});
