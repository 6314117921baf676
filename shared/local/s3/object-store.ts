import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface StoredObject {
  readonly body: Buffer;
  /** Content type, checksums and user metadata, as headers. */
  readonly headers: Readonly<Record<string, string>>;
  readonly lastModified: string;
}

/** The objects of one bucket. */
export interface ObjectStore {
  get(key: string): Promise<StoredObject | undefined>;
  put(key: string, object: StoredObject): Promise<void>;
  delete(key: string): Promise<void>;
  /** All keys that start with `prefix`, in the order of S3: that of their bytes. */
  keys(prefix: string): Promise<readonly string[]>;
}

const inOrder = (keys: Iterable<string>, prefix: string): readonly string[] =>
  [...keys]
    .filter((key) => key.startsWith(prefix))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

export function createMemoryObjects(): ObjectStore {
  const objects = new Map<string, StoredObject>();
  return {
    get: (key) => Promise.resolve(objects.get(key)),
    put: (key, object) => Promise.resolve(void objects.set(key, object)),
    delete: (key) => Promise.resolve(void objects.delete(key)),
    keys: (prefix) => Promise.resolve(inOrder(objects.keys(), prefix)),
  };
}

/** Keeps objects in a folder, a file each; names are hashes, since a key may hold what a file name cannot. */
export function createFolderObjects(folder: string): ObjectStore {
  const pathOf = (key: string) => join(folder, createHash("sha256").update(key).digest("hex"));
  return {
    async get(key) {
      const text = await readFile(pathOf(key), "utf8").catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      });
      if (text === undefined) return undefined;
      const { body, headers, lastModified } = JSON.parse(text) as Record<"body" | "lastModified", string> &
        StoredObject; // written below
      return { body: Buffer.from(body, "base64"), headers, lastModified };
    },
    async put(key, { body, headers, lastModified }) {
      await mkdir(folder, { recursive: true });
      const text = JSON.stringify({ key, headers, lastModified, body: body.toString("base64") });
      await writeFile(pathOf(key), text, { flush: true });
    },
    delete: (key) => rm(pathOf(key), { force: true }),
    async keys(prefix) {
      const files = await readdir(folder).catch(() => []);
      const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
      return inOrder(
        texts.map((text) => (JSON.parse(text) as { readonly key: string }).key), // written above
        prefix,
      );
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
