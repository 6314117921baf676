import { describe, expect, it } from "vitest";
import { lintFlows, LintRule } from "#core/flow/lint.ts";
import { SpineError, type SpineErrorCode } from "#core/errors.ts";
import { problemOf } from "#runtime/doors/http/problem.ts";
import { textOf } from "../architecture/source.ts";
import { tableOf } from "./pages.ts";

describe("docs/errors.md", () => {
  const rows = tableOf("docs/errors.md", "code", "HTTP");
  // A union has no values at run time: the source is the list.
  const union = /SpineErrorCode =([^;]+);/.exec(textOf("shared/core/errors.ts"))?.[1] ?? "";
  const codes = [...union.matchAll(/"([^"]+)"/g)].map(([, code = ""]) => code);

  it("explains every code, in the union's order", () => {
    expect(codes.length).toBeGreaterThan(30);
    expect(rows.map(([code]) => code)).toEqual(codes);
  });

  it("explains the codes that only HTTP uses", () => {
    const files = [
      "shared/runtime/doors/create-http-ingress.ts",
      "shared/runtime/doors/stream/create-event-streams.ts",
      "functions/ingress/serve-url.ts",
      "scripts/start/front.ts",
      "shared/local/http/http-server.ts",
    ];
    const used = files.flatMap((file) =>
      [...textOf(file).matchAll(/code: "([a-z]+\.[a-z-]+)"/g)].map(([, code = ""]) => code),
    );
    expect(used.length).toBeGreaterThan(4);
    const known = [...codes, ...tableOf("docs/errors.md", "HTTP code", "status").map(([code = ""]) => code)];
    expect(used.filter((code) => !known.includes(code))).toEqual([]);
  });

  it("says what each code means and what to do", () => {
    expect(rows.filter((row) => row.length !== 4 || row.some((cell) => cell === ""))).toEqual([]);
  });

  it.each(rows.map(([code = "", status = ""]) => [code, status]))(
    "gives the status of %s",
    (code, status) => {
      expect(String(problemOf(new SpineError(code as SpineErrorCode, "")).status)).toBe(status);
    },
  );
});

describe("docs/flows.md", () => {
  it("explains every rule of the linter", () => {
    const rows = tableOf("docs/flows.md", "rule", "severity");
    expect(rows.map(([rule]) => rule)).toEqual(Object.values(LintRule));
  });

  it("has a linter to describe", () => {
    const findings = lintFlows([{ name: "empty", on: "Asked", plan: { kind: "sequence", steps: [] } }], []);
    expect(findings.map(({ rule }) => rule)).toEqual([LintRule.unreachableBranch]);
  });
});
