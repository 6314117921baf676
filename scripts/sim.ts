import { options } from "./sim/arguments.ts";
import { runExhaustive } from "./sim/run-exhaustive.ts";
import { runFlood } from "./sim/run-flood.ts";
import { runFloodTenant } from "./sim/run-flood-tenant.ts";
import { runSeeds } from "./sim/run-seeds.ts";

// Faults are thrown by the thousand, and nobody reads where: walking the stack would take a tenth of the time.
Error.stackTraceLimit = 0;

const kept =
  options.flood !== undefined
    ? await runFlood(options.flood, options.json)
    : options.floodTenant !== undefined
      ? await runFloodTenant(options.floodTenant, options.json)
      : options.exhaustive
        ? await runExhaustive(options)
        : await runSeeds(options);
process.exitCode = kept ? 0 : 1;
