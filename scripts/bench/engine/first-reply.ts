import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const FIRST_REPLY = /First reply (\d+) ms/;
const NOT_COPIED = new Set(["node_modules", ".build", ".git", "dist"]);

/** How long `npm start` takes to its first reply: with the builds of the last start, and in a copy that has none. */
export async function measureFirstReply(
  root: string,
): Promise<{ readonly warm: number; readonly cold: number }> {
  await startOnce(root);
  const warm = await startOnce(root);
  const copy = await mkdtemp(join(tmpdir(), "spine-cold-"));
  try {
    await cp(root, copy, {
      recursive: true,
      filter: (path) => path === root || !NOT_COPIED.has(basename(path)),
    });
    await symlink(join(root, "node_modules"), join(copy, "node_modules"), "dir");
    return { warm, cold: await startOnce(copy) };
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function startOnce(folder: string): Promise<number> {
  const { stdout, stderr } = await run(process.execPath, [join(folder, "scripts/start.ts"), "--once"], {
    cwd: folder,
  });
  const ms = FIRST_REPLY.exec(stdout + stderr)?.[1];
  if (ms === undefined) throw new Error("npm start said nothing of its first reply.");
  return Number(ms);
}
