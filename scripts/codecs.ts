import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import { COMMIT_WORDS_1 } from "#aws/dynamo/commit-words.ts";
import { commitItem } from "#aws/dynamo/log-items.ts";
import { CommitCodec } from "#aws/names.ts";
import { parseSessionKey } from "#core/ids.ts";
import { readDump } from "#local/check-log/read-dump.ts";
import { itemBytes, writeUnits } from "./price/units.ts";

/*
 * node scripts/codecs.ts FILE…: what each codec makes of the commits of a dump, a folder or a database: bytes and write
 * units a commit, and this machine's microseconds of CPU to pack one. The figures behind docs/decisions/016.
 */

type Pack = (text: string) => Uint8Array;

const ROUNDS = 5;
const MOST_TIMED = 400;
const words = Buffer.from(COMMIT_WORDS_1);
const brotli =
  (quality: number): Pack =>
  (text) =>
    brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
const zstd =
  (level: number, dictionary?: Buffer): Pack =>
  (text) =>
    zstdCompressSync(text, {
      params: { [constants.ZSTD_c_compressionLevel]: level },
      ...(dictionary !== undefined && { dictionary }),
    });

const CODECS: Readonly<Record<string, Pack>> = {
  plain: (text) => Buffer.from(text),
  gzip: (text) => gzipSync(text),
  "deflate, raw, level 1": (text) => deflateRawSync(text, { level: 1 }),
  "deflate, raw": (text) => deflateRawSync(text),
  "deflate, raw, level 9": (text) => deflateRawSync(text, { level: 9 }),
  "brotli 1": brotli(1),
  "brotli 4": brotli(4),
  "brotli 5": brotli(5),
  "brotli 9": brotli(9),
  "brotli 11": brotli(11),
  "zstd 1": zstd(1),
  "zstd 3": zstd(3),
  "zstd 9": zstd(9),
  "zstd 19": zstd(19),
  "zstd 3, words": zstd(3, words),
  "deflate, words (deflate-1)": (text) => deflateSync(text, { dictionary: words }),
};

for (const file of process.argv.slice(2)) {
  const { sessions } = await readDump(file);
  const commits = sessions.flatMap(({ tenant, session, commits: texts }) => {
    const key = parseSessionKey({ tenant, session });
    return texts.map((text) => {
      const bare = commitItem(key, { first: 1, last: 1, text: "", snapshot: false }, CommitCodec.plain);
      return { text, around: itemBytes(bare) };
    });
  });
  console.log(`${file}: ${commits.length} commits of ${sessions.length} sessions`);
  console.log(`${"".padEnd(28)}${"bytes".padStart(8)}${"units".padStart(8)}${"µs".padStart(8)}`);
  for (const [name, pack] of Object.entries(CODECS)) {
    const sizes = commits.map(({ text, around }) => ({ packed: pack(text).length, around }));
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const bytes = mean(sizes.map(({ packed }) => packed));
    const units = mean(sizes.map(({ packed, around }) => writeUnits(packed + around)));
    const micros = cpuMicros(commits.slice(0, MOST_TIMED), ({ text }) => pack(text));
    const cells = [bytes.toFixed(0), units.toFixed(2), micros.toFixed(0)];
    console.log(name.padEnd(28) + cells.map((cell) => cell.padStart(8)).join(""));
  }
}

/** The median of some rounds, a piece of work each. */
function cpuMicros<T>(work: readonly T[], perform: (one: T) => unknown): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    for (const one of work) perform(one);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / work.length;
  });
  return rounds.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? NaN;
}
