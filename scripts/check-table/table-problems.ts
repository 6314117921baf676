import type { Problem } from "#core/errors.ts";
import { TableAttribute } from "#aws/names.ts";

/** What is known of a table that is to hold a spine's log. */
export interface FoundTable {
  readonly status: string | undefined;
  /** Names of the key's attributes with their types, such as `pk S HASH`. */
  readonly keys: readonly string[];
  readonly billing: string | undefined;
  readonly streamView: string | undefined;
  readonly streamArn: string | undefined;
  readonly deletionProtection: boolean;
  /** The attribute by which items expire, where that is switched on. */
  readonly expiresBy: string | undefined;
  readonly pointInTimeRecovery: boolean;
}

const KEYS = [`${TableAttribute.partition} S HASH`, `${TableAttribute.sort} N RANGE`];

/** What a table lacks of what the log's needs, as one does that was restored. Each repair is a command of the AWS CLI. */
export function tableProblems(name: string, table: FoundTable): readonly Problem[] {
  const { partition, sort, expires } = TableAttribute;
  const update = (option: string) => `aws dynamodb update-table --table-name ${name} ${option}`;
  const all: readonly (Problem & { readonly is: boolean })[] = [
    {
      field: "status",
      is: table.status !== "ACTIVE",
      problem: `is ${table.status ?? "unknown"}`,
      repair: `aws dynamodb wait table-exists --table-name ${name}`,
    },
    {
      field: "keys",
      is: KEYS.some((key) => !table.keys.includes(key)) || table.keys.length !== KEYS.length,
      problem: `are ${table.keys.join(", ")}, but a log has ${partition} (S) and ${sort} (N)`,
      repair: "Restore the log's table, or give its name.",
    },
    {
      field: "stream",
      is: table.streamView !== "NEW_IMAGE",
      problem:
        table.streamView === undefined
          ? "is off: nothing would be relayed"
          : `is ${table.streamView}, but the relay reads new images`,
      repair: update("--stream-specification StreamEnabled=true,StreamViewType=NEW_IMAGE"),
    },
    {
      field: "time to live",
      is: table.expiresBy !== expires,
      problem: `is ${table.expiresBy === undefined ? "off" : `by ${table.expiresBy}`}: tombstones and counters would stay forever`,
      repair: `aws dynamodb update-time-to-live --table-name ${name} --time-to-live-specification Enabled=true,AttributeName=${expires}`,
    },
    {
      field: "point-in-time recovery",
      is: !table.pointInTimeRecovery,
      problem: "is off: the table could not be restored again",
      repair: `aws dynamodb update-continuous-backups --table-name ${name} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true`,
    },
    {
      field: "deletion protection",
      is: !table.deletionProtection,
      problem: "is off, and no stack retains a table that it did not create",
      repair: update("--deletion-protection-enabled"),
    },
    {
      field: "billing",
      is: table.billing !== "PAY_PER_REQUEST",
      problem: `is ${table.billing ?? "PROVISIONED"}: a spine's load would be throttled`,
      repair: update("--billing-mode PAY_PER_REQUEST"),
    },
  ];
  return all.filter(({ is }) => is).map(({ field, problem, repair }) => ({ field, problem, repair }));
}
