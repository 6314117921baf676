import { UsageError } from "#client/usage-error.ts";
import { defineCommand } from "../command.ts";

const LIBRARY = "@modelcontextprotocol/server";

/** Serves assistants that speak the Model Context Protocol. */
export const mcp = defineCommand({
  name: "mcp",
  usage: "[--allow-writes]",
  about:
    "serves the Model Context Protocol over standard input and output: sessions, decisions, questions and letters to read; with --allow-writes also answers, forks and redrives",
  positionals: { required: [] },
  options: { "allow-writes": { type: "boolean" } },
  prepare(values) {
    const allowWrites = values["allow-writes"] === true;
    return async ({ client, target, stopped }) => {
      const { serveMcp } = await loaded();
      await serveMcp({ context: { client, target }, allowWrites, stopped });
    };
  },
});

/** With a library that only its users install. */
async function loaded() {
  try {
    return await import("../../mcp/serve-mcp.ts");
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    throw new UsageError(`mcp: needs ${LIBRARY}. Install it: npm install --save-dev ${LIBRARY}`, { cause });
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error &&
  "code" in error &&
  error.code === "ERR_MODULE_NOT_FOUND" &&
  error.message.includes(LIBRARY);
