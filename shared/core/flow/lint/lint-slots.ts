import { runsTogether } from "./numbers.ts";
import { pathsOverlap } from "../../context/path.ts";
import type { ContractSpec } from "../../contract.ts";
import type { FlowDefinition, TaskNode } from "../plan.ts";
import { childrenOf, visitPlan } from "../visit-plan.ts";
import { leavesBranches, pathsWrittenBy, sectionOf } from "../writes.ts";
import { LintRule, type Report } from "./finding.ts";
import { expand, type ExpandedPlan, type Scope } from "./scope.ts";

interface Access {
  readonly path: string;
  readonly place: string;
}

interface Write extends Access {
  /** An agent's slot: in a map each item has its own. */
  readonly keyed: boolean;
}

interface Accesses {
  readonly writes: readonly Write[];
  /** Reads of agents whose results can go stale. */
  readonly reads: readonly Access[];
}

interface Found extends Accesses {
  /** Those of branches that may still run when the steps after this one do. */
  readonly left: Accesses;
}

const NONE: Accesses = { writes: [], reads: [] };
const join = (all: readonly Accesses[]): Accesses => ({
  writes: all.flatMap((one) => one.writes),
  reads: all.flatMap((one) => one.reads),
});
const joinFound = (all: readonly Found[]): Found => ({
  ...join(all),
  left: join(all.map((one) => one.left)),
});

/** Reports steps of one flow, and flows of one application, that may run together and share a slot. */
export function checkSlots(scope: Scope): void {
  const written = scope.flows.map((flow) => {
    const walk = new SlotWalk(scope.report(flow));
    const plan = expand(flow, scope);
    return { flow, writes: [...walk.found(plan, "plan", false).writes, ...undoingWrites(plan)] };
  });
  for (const flow of scope.flows) checkKept(flow, scope);
  // A flow that nothing starts has no runs of its own.
  const started = written.filter(({ flow }) => flow.on !== undefined);
  for (const [i, one] of started.entries()) {
    for (const [j, other] of started.entries()) {
      // Only a parallel flow runs beside others: queued ones wait, pre-empted ones stand still.
      // Two runs of one parallel flow keep their sections apart and hand them over one after the other.
      if (one.flow.onBusy !== "parallel" || i === j) continue;
      if (other.flow.onBusy === "parallel" && j < i) continue;
      for (const [section, place] of sharedSections(one.writes, other.writes)) {
        const problem = `writes "${section}", as does the flow "${other.flow.name}", which may run at the same time`;
        const repair = "Write different sections, or run the flows one after the other (onBusy queue).";
        scope.report(one.flow).error(LintRule.sharedSlot, place, problem, repair);
      }
    }
  }
}

/** A kept section is one memory: runs side by side would each overwrite what the other remembers. */
function checkKept(flow: FlowDefinition, scope: Scope): void {
  if (flow.onBusy !== "parallel" || flow.on === undefined) return;
  visitPlan(expand(flow, scope), ({ node, place }) => {
    if (node.kind !== "task" || !node.agent?.keeps) return;
    const problem = `keeps "${node.agent.writes}", but runs of this flow may overlap`;
    const repair = "Run them one after another (onBusy queue), or use an agent that keeps no section.";
    scope.report(flow).error(LintRule.sharedSlot, place, problem, repair);
  });
}

/** What undoes the steps of a flow runs beside nothing of it, but beside other flows. */
function undoingWrites(plan: ExpandedPlan): readonly Write[] {
  const writes: Write[] = [];
  visitPlan(plan, ({ node, place, undoes }) => {
    if (undoes) writes.push(...ownAccesses(node, place).writes);
  });
  return writes;
}

function sharedSections(one: readonly Write[], other: readonly Write[]): ReadonlyMap<string, string> {
  const theirs = new Set(other.map((write) => sectionOf(write.path)));
  const shared = new Map<string, string>();
  for (const { path, place } of one) {
    const section = sectionOf(path);
    if (theirs.has(section) && !shared.has(section)) shared.set(section, place);
  }
  return shared;
}

class SlotWalk {
  private readonly said = new Set<string>();
  private readonly report: Report;

  constructor(report: Report) {
    this.report = report;
  }

  /** `borrowed`: inside a sub-flow, which is reported where it is defined; its place is the sub-flow's step. */
  found(node: ExpandedPlan, place: string, borrowed: boolean): Found {
    const inside = childrenOf(node).map(([part, child]) =>
      this.found(
        child,
        borrowed || node.kind === "flow" ? place : `${place}/${part}`,
        borrowed || node.kind === "flow",
      ),
    );
    const own = ownAccesses(node, place);
    switch (node.kind) {
      case "sequence":
        inside.forEach((step, i) => {
          for (const earlier of inside.slice(0, i)) this.compare(earlier.left, step, borrowed);
        });
        return joinFound(inside);
      case "parallel": {
        inside.forEach((branch, i) => {
          for (const earlier of inside.slice(0, i)) this.compare(earlier, branch, borrowed);
        });
        const all = joinFound(inside);
        return { ...join([all, own]), left: leavesBranches(node) ? all : all.left };
      }
      case "map": {
        const all = joinFound(inside);
        const together = runsTogether(node) ? all.writes : all.left.writes;
        if (!borrowed) together.filter((write) => !write.keyed).forEach((write) => this.ofItems(write));
        return all;
      }
      case "choice":
      case "flow":
        return joinFound(inside);
      case "task":
      case "wait":
      case "human":
      case "transform":
      case "emit":
      case "reply":
        return { ...own, left: NONE };
    }
  }

  private compare(one: Accesses, other: Accesses, borrowed: boolean): void {
    if (borrowed) return;
    for (const a of one.writes) {
      for (const b of other.writes) if (pathsOverlap(a.path, b.path)) this.shared(a, b);
    }
    this.stale(one.reads, other.writes);
    this.stale(other.reads, one.writes);
  }

  private shared(a: Write, b: Write): void {
    const problem = `writes "${b.path}" and may run at the same time as ${a.place}, which writes "${a.path}"`;
    const repair = "Give each its own section, run one after the other, or cancel the losers.";
    this.once(b.place, `shared ${a.place} ${b.path}`, () =>
      this.report.error(LintRule.sharedSlot, b.place, problem, repair),
    );
  }

  private ofItems({ path, place }: Write): void {
    const problem = `writes "${path}" for every item of a map whose items run concurrently`;
    const repair = "Let an agent write it (its section is kept by item), or set maxConcurrent to 1.";
    this.once(place, `items ${path}`, () => this.report.error(LintRule.sharedSlot, place, problem, repair));
  }

  private stale(reads: readonly Access[], writes: readonly Write[]): void {
    for (const read of reads) {
      for (const write of writes) {
        if (!pathsOverlap(read.path, write.path)) continue;
        const problem = `reads "${read.path}", which ${write.place} may write meanwhile, so its result becomes stale`;
        const repair =
          'Run it afterwards, do not read that path, or accept stale results (onStale "accept").';
        this.once(read.place, `stale ${read.path} ${write.place}`, () =>
          this.report.warning(LintRule.staleRace, read.place, problem, repair),
        );
      }
    }
  }

  private once(place: string, what: string, say: () => void): void {
    const key = `${place} ${what}`;
    if (this.said.has(key)) return;
    this.said.add(key);
    say();
  }
}

function ownAccesses(node: ExpandedPlan, place: string): Accesses {
  const writes = pathsWrittenBy(node, (agent) => agent?.writes).map((path) => ({
    path,
    place,
    keyed: node.kind === "task",
  }));
  return { writes, reads: node.kind === "task" ? staleReads(node, place) : [] };
}

function staleReads(node: TaskNode<ContractSpec | undefined>, place: string): readonly Access[] {
  const readers = [{ agent: node.agent, onStale: node.onStale }];
  for (const link of node.fallback)
    if (link.type === "agent") readers.push({ agent: link.agent, onStale: undefined });
  return readers.flatMap(({ agent, onStale }) =>
    agent === undefined || (onStale ?? agent.onStale) === "accept"
      ? []
      : agent.reads.map((path) => ({ path, place })),
  );
}
