import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    seed: { type: "string", default: "0" },
    /** Threads that share the seeds; the summary is the same with any number. */
    workers: { type: "string", default: String(availableParallelism()) },
    flow: { type: "string" },
    json: { type: "boolean", default: false },
    /** Ends at the first violation and prints one line of JSON about it. */
    "first-violation": { type: "boolean", default: false },
    /** Breaks small sessions at every call instead of running seeds. */
    exhaustive: { type: "boolean", default: false },
    /** With `exhaustive`: at every two calls as well. */
    pairs: { type: "boolean", default: false },
    /** Floods an agent of a sample flow, and looks at the sessions that do not use it. */
    flood: { type: "string" },
    /** Lets one tenant flood the agents that another one uses, with so many tasks of a tenant in flight; 0 for no bound. */
    "flood-tenant": { type: "string" },
  },
});

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new RangeError(`--${name} takes a whole number, not ${JSON.stringify(text)}.`);
}

export const options = {
  ...values,
  firstViolation: values["first-violation"],
  seeds: whole("seeds", values.seeds),
  seed: whole("seed", values.seed),
  floodTenant:
    values["flood-tenant"] === undefined ? undefined : whole("flood-tenant", values["flood-tenant"]),
  workers: whole("workers", values.workers),
};
