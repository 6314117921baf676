import { statSync } from "node:fs";
import { parseArgs } from "node:util";
import { SpineError, type Problem } from "#core/errors.ts";
import { DEFAULT_PORT } from "./default-port.ts";
import { canHoldTraces } from "#local/traces/can-hold-traces.ts";

export interface StartArguments {
  readonly port: number;
  /** Port of the console. @default 8788, or a free one where that is taken */
  readonly consolePort?: number;
  /** Folder of tables and objects; without one everything is in memory. */
  readonly data?: string;
  /** How long a session stays after the last that happened in it, in ISO 8601. */
  readonly retention?: string;
  /** Paths of the context that hold personal values, separated by commas. */
  readonly personal?: string;
  /** File that gets the functions' spans. */
  readonly traces?: string;
  /** The seed by which a share of all requests is refused as too many. */
  readonly throttle?: number;
  /** Plays the sample conversations. */
  readonly samples: boolean;
  /** Plays them, and ends. */
  readonly once: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

const MAX_PORT = 65_535;
/** As the app reads it: days, hours and minutes. */
const TIME = /^P(?=\d|T\d)(\d+D)?(T(\d+H)?(\d+M)?)?$/;

export const USAGE = `Runs the app's own template on this machine: its tables, queues, buses and bundled functions. Accepts
events over HTTP, and shows its sessions in the console.

  npm start -- [options]

  --samples     play sample conversations first
  --once        play them and exit; the exit code is 1 if anything went wrong
  --json        print one JSON object per session, and a last one for all of them
  --data DIR    keep tables and objects in DIR; a later start continues unfinished sessions
  --retention T expire sessions that have been idle for T, such as PT10M or P30D (default: never)
  --personal P  keep the values at these paths of the context sealed, such as input.text,session.who
  --traces FILE write the functions' spans to FILE, as OTLP JSON (docs/traces.md)
  --throttle N  throttle a random share of all requests to AWS, drawn from the seed N (default: none)
  --port N      port of the HTTP server on 127.0.0.1; 0 for any free one (default ${DEFAULT_PORT})
  --console-port N  port of the console on 127.0.0.1; 0 for any free one (default 8788, or a free one)
  --help        print this text
`;

/** Reads the command line. Throws `input.malformed`, naming each option that cannot be used. */
export function parseArguments(args: readonly string[]): StartArguments {
  const { values } = parse(args);
  const problems: Problem[] = [];
  const portIn = (field: "port" | "console-port"): number | undefined => {
    const text = values[field];
    const port = text === undefined || text.trim() === "" ? NaN : Number(text);
    if (text === undefined || (Number.isInteger(port) && port >= 0 && port <= MAX_PORT))
      return text === undefined ? undefined : port;
    const repair = `Give a whole number from 0 to ${MAX_PORT}.`;
    problems.push({ field: `--${field}`, problem: `"${text}" is not a port`, repair });
    return undefined;
  };
  const port = portIn("port") ?? DEFAULT_PORT;
  const consolePort = portIn("console-port");
  const folder = values.data?.trim();
  if (folder === "" || (folder !== undefined && statSync(folder, { throwIfNoEntry: false })?.isFile())) {
    const problem = folder === "" ? "names no folder" : `${folder} is a file`;
    problems.push({ field: "--data", problem, repair: "Give the path of a folder." });
  }
  const {
    data,
    retention,
    personal,
    traces,
    samples = false,
    once = false,
    json = false,
    help = false,
  } = values;
  if (retention !== undefined && !TIME.test(retention)) {
    const problem = `"${retention}" is not a duration`;
    problems.push({ field: "--retention", problem, repair: "Give one such as PT10M or P30D." });
  }
  if (traces !== undefined && !canHoldTraces(traces)) {
    const problem = `"${traces}" cannot be written`;
    problems.push({ field: "--traces", problem, repair: "Give the path of a file in a folder that exists." });
  }
  const throttle = values.throttle === undefined ? undefined : Number(values.throttle);
  if (throttle !== undefined && (!Number.isInteger(throttle) || values.throttle?.trim() === "")) {
    const problem = `"${values.throttle ?? ""}" is not a seed`;
    problems.push({ field: "--throttle", problem, repair: "Give a whole number." });
  }
  if (problems.length > 0) throw malformed(problems);
  const chosen = {
    ...(consolePort !== undefined && { consolePort }),
    ...(throttle !== undefined && { throttle }),
    ...(data !== undefined && { data }),
    ...(retention !== undefined && { retention }),
    ...(personal !== undefined && { personal }),
    ...(traces !== undefined && { traces }),
  };
  return { port, samples, once, json, help, ...chosen };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: false,
      options: {
        samples: { type: "boolean" },
        once: { type: "boolean" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
        data: { type: "string" },
        retention: { type: "string" },
        personal: { type: "string" },
        traces: { type: "string" },
        throttle: { type: "string" },
        port: { type: "string" },
        "console-port": { type: "string" },
      },
    });
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw malformed([{ field: "options", problem, repair: "See npm start -- --help." }]);
  }
}

function malformed(problems: readonly Problem[]): SpineError {
  const text = problems.map(({ field, problem, repair }) => `${field}: ${problem}. ${repair}`).join("\n");
  return new SpineError("input.malformed", text, { problems });
}
