import { describe, expect, it } from "vitest";
import * as z from "zod";
import { originsOf } from "#core/condition-origins.ts";
import { compileApplication } from "#core/flow/application.ts";
import {
  choice,
  defineFlow,
  emit,
  fallback,
  human,
  map,
  parallel,
  reply,
  sequence,
  step,
  subFlow,
  transform,
  waitFor,
} from "#core/flow/build.ts";
import type { FlowDefinition, PlanNode } from "#core/flow/plan.ts";
import { followPersonal } from "#core/session/personal/follow.ts";
import { contractOf, digest } from "../runtime/engine.ts";

const flow = (name: string, on: string, ...steps: readonly PlanNode[]): FlowDefinition =>
  defineFlow({ name, on, plan: sequence(...steps) });

/** Where values go beside the declared paths. */
function followed(declared: readonly string[], flows: readonly FlowDefinition[]): readonly string[] {
  const compiled = compileApplication({ flows }, digest).flows.map((one) => one.flow);
  return followPersonal(declared, compiled, originsOf).filter((path) => !declared.includes(path));
}

const to = (declared: string, ...steps: readonly PlanNode[]) =>
  followed([declared], [flow("visit", "Asked", ...steps)]);

describe("a personal value is followed", () => {
  it.each([
    ["a copy", "input.email", "input.email", ["note.x"]],
    ["a copy of what it stands in", "input.person.email", "input.person", ["note.x.email"]],
    ["a copy of what stands in it", "input.person", "input.person.email", ["note.x"]],
    ["a field of a new object", "input.email", '{"to": {"mail": input.email}, "n": 1}', ["note.x.to.mail"]],
    ["a computed key", "input.email", '{input.email: 1, "n": 1}', ["note.x"]],
    ["a sentence", "input.name", '"Dear " + input.name', ["note.x"]],
    ["a condition", "input.email", 'has(input.email) ? "known" : "unknown"', ["note.x"]],
    ["a list", "input.people.email", "input.people.map(p, p.email)", ["note.x"]],
    ["an element of a list", "input.people.email", "input.people[0].email", ["note.x"]],
    ["the values of an earlier run", "input.email", "before.note", []],
    ["everything that earlier runs left", "input.email", "before", ["note.x"]],
    ["another value", "input.email", "input.text", []],
    ["a value whose name begins alike", "input.email", "input.emails", []],
    ["a loop over other values", "input.email", "input.list.filter(email, email > 1)", []],
  ])("into a transform's path: %s", (_what, declared, expression, paths) => {
    expect(to(declared, transform({ "note.x": expression }))).toEqual(paths);
  });

  it("from path to path, whatever the order of steps", () => {
    expect(
      to(
        "input.email",
        transform({ "c.x": "b.x" }),
        transform({ "b.x": "a.x" }),
        transform({ "a.x": "input.email" }),
      ),
    ).toEqual(["a.x", "b.x", "c.x"]);
    expect(to("session.who", transform({ "a.x": "session.who" }), transform({ "b.y": "before.a" }))).toEqual([
      "a.x",
      "b.y.x",
    ]);
  });

  it("into replies, emitted events and the flows that these start, and what waits keep", () => {
    expect(to("input.email", reply('{"sent": {"to": input.email}}'))).toEqual(["$reply.sent.to"]);
    expect(to("session.who", emit("Complained", '{"by": session.who, "n": 1}'))).toEqual(["input.by"]);
    expect(
      followed(
        ["session.who"],
        [
          flow("visit", "Asked", emit("Told", '{"by": session.who}')),
          flow("telling", "Told", transform({ "told.name": "input.by" }), reply('{"ok": true}')),
          flow("waiting", "Began", waitFor("Told", { timeoutMs: 1_000, into: "heard" })),
        ],
      ),
    ).toEqual(["heard.by", "input.by", "told.name"]);
  });

  it("into items of maps, and sections with values under the items' keys", () => {
    const check = contractOf("check", { reads: ["item.value"] });
    expect(to("input.people.email", map({ over: "input.people", maxItems: 3, each: step(check) }))).toEqual([
      "check",
      "item.value.email",
    ]);
    const careful = contractOf("check", { reads: ["item.value"], personal: ["mail"] });
    expect(
      to(
        "input.people.email",
        map({ over: "input.people", maxItems: 3, each: step(careful) }),
        transform({ "first.x": "check.k1.mail" }),
      ),
    ).toEqual(["check.mail", "first.x", "item.value.email"]);
  });

  it("into every answer of an agent that reads it, or the paths its contract names, or none if it declares so", () => {
    const writer = (personal?: readonly string[] | { readonly none: string }) =>
      contractOf("writer", { reads: ["input"], ...(personal !== undefined && { personal }) });
    expect(to("input.email", step(writer()))).toEqual(["writer"]);
    expect(to("input.email", step(writer(["to", "copy.to"])))).toEqual(["writer.copy.to", "writer.to"]);
    expect(to("input.email", step(writer({ none: "It counts words." })))).toEqual([]);
    expect(to("session.who", step(writer()))).toEqual([]);
    const other = contractOf("other", { reads: ["session.who"] });
    expect(to("session.who", step(writer(), { fallback: fallback.agent(other) }))).toEqual(["writer"]);
  });

  it("into every answer of an agent that takes signals, of which nobody knows what they say", () => {
    const told = { reads: ["session.channel"], signals: { more: z.unknown() } };
    expect(to("input.email", step(contractOf("writer", told)))).toEqual(["writer"]);
    const none = { none: "It counts words." };
    expect(to("input.email", step(contractOf("writer", { ...told, personal: none })))).toEqual([]);
    expect(followed([], [flow("visit", "Asked", step(contractOf("writer", told)))])).toEqual([]);
  });

  it("into the input of a compensation, and the best of several branches", () => {
    const undo = contractOf("undoer", { reads: ["undo"] });
    const book = contractOf("book", { reads: ["input"], personal: ["guest"] });
    expect(to("input.email", step(book, { compensate: step(undo) }))).toEqual([
      "book.guest",
      "undo.result.guest",
      "undoer",
    ]);
    expect(
      to(
        "input.email",
        parallel({ branches: { a: step(book), b: step(undo) }, join: { type: "best", into: "chosen" } }),
      ),
    ).toEqual(["book.guest", "chosen.value.guest"]);
  });

  it("into steps of choices and of sub-flows", () => {
    const inner = defineFlow({ name: "inner", plan: transform({ "note.x": "input.email" }) });
    expect(
      followed(
        ["input.email"],
        [
          flow(
            "visit",
            "Asked",
            choice({
              when: [{ if: "true", then: subFlow(inner) }],
              otherwise: human({ ask: "?", into: "said", timeoutMs: 1 }),
            }),
          ),
          inner,
        ],
      ),
    ).toEqual(["note.x"]);
  });
});
