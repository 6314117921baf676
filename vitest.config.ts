import { availableParallelism } from "node:os";
import { join } from "node:path";
import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes longest, mostly waiting for processes: begun first, it leaves no core idle at the end. */
const LONGEST = [
  "console/session-page",
  "console/list-pages",
  "scenarios/start-command",
  "infra/app",
  "property/session",
  "local/mappings",
  "architecture/bundles",
  "local/functions",
].map((name) => join(import.meta.dirname, "test", `${name}.test.ts`));

/**
 * Each starts the deployed functions many times, waits, or counts what a busy machine would repeat: `npm run test:long`, one
 * after another, after `npm test` in `.ci/run`.
 */
const LONG = [
  "test/bench/arms.test.ts",
  "test/console/long-list.test.ts",
  "test/console/long-session.test.ts",
  "test/console/looks.test.ts",
  "test/docs/add-an-agent.test.ts",
  "test/docs/price.test.ts",
  "test/infra/nag.test.ts",
  "test/infra/neighbours.test.ts",
  "test/local/bus.test.ts",
  "test/local/drill.test.ts",
  "test/local/every-way.test.ts",
  "test/local/faults-agents.test.ts",
  "test/local/faults-crashes.test.ts",
  "test/local/group-starts.test.ts",
  "test/local/groups.test.ts",
  "test/local/later.test.ts",
  "test/local/listed.test.ts",
  "test/local/live-output.test.ts",
  "test/local/personal.test.ts",
  "test/local/python-agent.test.ts",
  "test/local/python-functions.test.ts",
  "test/local/questions.test.ts",
  "test/local/quota.test.ts",
  "test/local/recovery.test.ts",
  "test/local/replay.test.ts",
  "test/local/restart.test.ts",
  "test/local/retention.test.ts",
  "test/local/schedules.test.ts",
  "test/local/scorers.test.ts",
  "test/local/signatures.test.ts",
  "test/local/spine.test.ts",
  "test/local/subscription.test.ts",
  "test/local/traces.test.ts",
  "test/local/verify-deployed.test.ts",
  "test/package/newcomer.test.ts",
  "test/package/package.test.ts",
  "test/scenarios/chat-page.test.ts",
  "test/scenarios/event-stream.test.ts",
  "test/scenarios/console-command.test.ts",
  "test/scenarios/a2a-command.test.ts",
  "test/scenarios/mcp-command.test.ts",
  "test/scenarios/dev-command.test.ts",
  "test/scenarios/reloads.test.ts",
  "test/scenarios/replay-command.test.ts",
  "test/scenarios/replay.test.ts",
  "test/scenarios/spine-command.test.ts",
  "test/scenarios/start-http.test.ts",
  "test/simulation/bad-engine.test.ts",
  "test/simulation/exhaustive.test.ts",
  "test/simulation/flood.test.ts",
  "test/simulation/memory.test.ts",
  "test/simulation/racing-writers.test.ts",
  "test/simulation/sealed.test.ts",
  "test/simulation/sim.test.ts",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.indexOf(moduleId);
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig(({ mode }) => ({
  // Examples name the package as its users do.
  resolve: {
    alias: {
      "event-spine/adapters": join(import.meta.dirname, "shared/adapters/index.ts"),
      "event-spine/testing": join(import.meta.dirname, "shared/testing/index.ts"),
      "event-spine": join(import.meta.dirname, "shared/core/index.ts"),
    },
  },
  test: {
    // Without a mode all are there, for whoever names files.
    include: mode === "long" ? LONG : ["test/**/*.test.ts"],
    // A package of its own, with the frameworks: npm test --prefix test/adapters.
    exclude: [...configDefaults.exclude, "test/adapters/**", ...(mode === "quick" ? LONG : [])],
    pool: "threads",
    // Half of the time went into importing the same modules for every file. What a file changes in them it takes back.
    isolate: false,
    setupFiles: ["test/support/setup.ts"],
    // By default one core is left free; but who runs a file that starts processes mostly waits for them.
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    env: {
      // Tests start the project's commands a hundred times: Node need not strip and compile the same modules each time,
      NODE_COMPILE_CACHE: join(import.meta.dirname, ".build/compile-cache"),
      // nor esbuild bundle the same functions for each template.
      SPINE_KEPT_BUILDS: join(import.meta.dirname, ".build/bundles"),
    },
    testTimeout: 60_000,
    // Real processes on a busy machine lose a race now and then; the report names what was tried twice.
    retry: mode === "long" ? 1 : 0,
    reporters: ["default"],
  },
}));
