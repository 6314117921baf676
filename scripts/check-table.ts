import { parseArgs } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { messageOf } from "#core/errors.ts";
import { findTable } from "./check-table/find-table.ts";
import { tableProblems } from "./check-table/table-problems.ts";

/*
 * node scripts/check-table.ts TABLE [--region REGION]: says what a table lacks that is to be adopted as a spine's log, and what its
 * deployment must be told. Exit code 0 if it lacks nothing, 1 if it does, 2 if it cannot be looked at.
 */

try {
  const { values, positionals } = parseArgs({
    options: { region: { type: "string" } },
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) throw new Error("TABLE: expected one table name.");
  const client = new DynamoDBClient({ ...(values.region !== undefined && { region: values.region }) });
  const found = await findTable(client, name);
  const problems = tableProblems(name, found);
  for (const { field, problem, repair } of problems) console.log(`${field} ${problem}.\n  ${repair}`);
  if (found.streamArn !== undefined)
    console.log(`existingTable: { tableName: "${name}", streamArn: "${found.streamArn}" }`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} catch (error) {
  console.error(`check-table: ${messageOf(error)}`);
  process.exitCode = 2;
}
