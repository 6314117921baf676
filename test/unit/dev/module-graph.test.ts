import { describe, expect, it } from "vitest";
import { createModuleGraph } from "../../../scripts/dev/module-graph.ts";

/** An application of two agents, one of which uses a table. */
function graphOf(texts: Record<string, string>) {
  const graph = createModuleGraph();
  for (const [file, text] of Object.entries(texts)) graph.loaded(file, text);
  graph.imports("spine", "a");
  graph.imports("spine", "b");
  graph.imports("a", "table");
  return { graph, renew: () => graph.renew((file) => texts[file]), texts };
}
const versions = ({ graph }: ReturnType<typeof graphOf>) =>
  Object.fromEntries(graph.files().map((file) => [file, graph.versionOf(file)]));

describe("the modules of an application", () => {
  it("keep their version as long as nothing changes", () => {
    const app = graphOf({ spine: "1", a: "1", b: "1", table: "1" });
    expect(app.renew()).toEqual([]);
    expect(versions(app)).toEqual({ spine: 0, a: 0, b: 0, table: 0 });
  });

  it("have a new version when they change, and those that import them, and no others", () => {
    const app = graphOf({ spine: "1", a: "1", b: "1", table: "1" });
    app.texts["table"] = "2";
    expect(app.renew()).toEqual(["table"]);
    expect(versions(app)).toEqual({ spine: 1, a: 1, b: 0, table: 1 });
    expect(app.renew()).toEqual([]);
  });

  it("are told when one that was missing appears", () => {
    const app = graphOf({ spine: "1", a: "1", b: "1", table: "1" });
    app.graph.imports("b", "later");
    expect(app.renew()).toEqual([]);
    app.texts["later"] = "1";
    expect(app.renew()).toEqual(["later"]);
    expect(versions(app)).toMatchObject({ spine: 1, a: 0, b: 1 });
  });

  it("forget what they imported before they were loaded again, and survive a circle", () => {
    const app = graphOf({ spine: "1", a: "1", b: "1", table: "1" });
    app.graph.loaded("a", "2");
    app.texts["a"] = "2";
    app.graph.imports("b", "spine");
    app.texts["table"] = "2";
    expect(app.renew()).toEqual(["table"]);
    expect(versions(app)).toEqual({ spine: 0, a: 0, b: 0, table: 1 });
    app.texts["b"] = "2";
    expect(app.renew()).toEqual(["b"]);
    expect(versions(app)).toMatchObject({ spine: 1, b: 1 });
  });
});
