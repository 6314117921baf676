import { existsSync, writeFileSync } from "node:fs";
import { format } from "prettier";
import { SESSIONS } from "./sessions.ts";

/** Writes the recordings that do not exist yet. With names as arguments it writes those anew. */
const anew = process.argv.slice(2);
for (const [name, play] of Object.entries(SESSIONS)) {
  const file = new URL(`${name}.json`, import.meta.url);
  if (existsSync(file) && !anew.includes(name)) continue;
  writeFileSync(file, await format(JSON.stringify(play()), { parser: "json", printWidth: 110 }));
  console.log(`recorded ${name}`);
}
