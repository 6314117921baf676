import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalKey } from "./kms-endpoint.ts";

/** Keys that stay when a template has them no more, as those with the deletion policy Retain do, in a folder of data. */
const folderOf = (dataDir: string): string => join(dataDir, "keys");
const fileOf = (dataDir: string, arn: string): string =>
  join(folderOf(dataDir), `${arn.slice(arn.lastIndexOf("/") + 1)}.json`);

export function keptKeys(dataDir: string | undefined): LocalKey[] {
  if (dataDir === undefined || !existsSync(folderOf(dataDir))) return [];
  return readdirSync(folderOf(dataDir)).map((file) => {
    const text = readFileSync(join(folderOf(dataDir), file), "utf8");
    const { arn, tags, material } = JSON.parse(text) as Omit<LocalKey, "material"> & {
      readonly material: string;
    }; // written below
    return { arn, material: Buffer.from(material, "hex"), ...(tags !== undefined && { tags }) };
  });
}

export function keepKey(dataDir: string, { arn, tags, material }: LocalKey): void {
  mkdirSync(folderOf(dataDir), { recursive: true });
  const text = JSON.stringify({ arn, tags, material: material.toString("hex") });
  writeFileSync(fileOf(dataDir, arn), text, { mode: 0o600 });
}
