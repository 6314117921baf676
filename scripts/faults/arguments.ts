import { parseArgs } from "node:util";
import { Badness } from "./app/contracts.ts";

export const USAGE = `npm run faults -- [--every N] [--only FUNCTION] [--sample N --seed N] [--throttle N] [--json]
npm run faults -- --agent kill|hang|throw|garbage|flood|all [--sessions N] [--at-once N] [--throttle N] [--json]
npm run faults -- --urgent [--seconds N] [--rounds N] [--throttle N] [--json]`;

export interface CrashArguments {
  readonly command: "crashes";
  readonly every: number;
  readonly only?: string;
  readonly sample?: number;
  readonly seed: number;
  readonly throttle?: number;
  readonly json: boolean;
}

export interface AgentArguments {
  readonly command: "agent";
  readonly kinds: readonly Badness[];
  readonly sessions: number;
  readonly atOnce: number;
  readonly throttle?: number;
  readonly json: boolean;
}

export interface UrgentArguments {
  readonly command: "urgent";
  /** How long the long task works. */
  readonly seconds: number;
  readonly rounds: number;
  readonly throttle?: number;
  readonly json: boolean;
}

const KINDS = Object.values(Badness).filter((kind) => kind !== Badness.none);

/** Throws a TypeError that says which argument cannot be used. */
export function parseArguments(args: readonly string[]): CrashArguments | AgentArguments | UrgentArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      every: { type: "string", default: "1" },
      only: { type: "string" },
      sample: { type: "string" },
      seed: { type: "string", default: "1" },
      agent: { type: "string" },
      sessions: { type: "string", default: "200" },
      "at-once": { type: "string", default: "2" },
      urgent: { type: "boolean", default: false },
      seconds: { type: "string", default: "60" },
      rounds: { type: "string", default: "1" },
      throttle: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const { json } = values;
  const throttle = values.throttle === undefined ? {} : { throttle: whole("throttle", values.throttle) };
  if (values.agent !== undefined) {
    return {
      command: "agent",
      kinds: kindsOf(values.agent),
      sessions: whole("sessions", values.sessions),
      atOnce: whole("at-once", values["at-once"]),
      ...throttle,
      json,
    };
  }
  if (values.urgent) {
    const { seconds, rounds } = values;
    return {
      command: "urgent",
      seconds: whole("seconds", seconds),
      rounds: whole("rounds", rounds),
      ...throttle,
      json,
    };
  }
  return {
    command: "crashes",
    every: whole("every", values.every),
    seed: whole("seed", values.seed),
    ...(values.only !== undefined && { only: values.only }),
    ...(values.sample !== undefined && { sample: whole("sample", values.sample) }),
    ...throttle,
    json,
  };
}

function kindsOf(text: string): readonly Badness[] {
  if (text === "all") return KINDS;
  const kind = KINDS.find((known) => known === text);
  if (kind !== undefined) return [kind];
  throw new TypeError(`--agent ${text}: unknown kind. Use one of ${KINDS.join(", ")}, all.`);
}

function whole(name: string, text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new TypeError(`--${name} ${text} is not a whole number from 1.`);
}
