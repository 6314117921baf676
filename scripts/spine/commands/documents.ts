import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { messageOf } from "#core/errors.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { TargetError, UsageError } from "#client/usage-error.ts";
import { defineOwnCommand } from "../command.ts";

const KINDS = ["asyncapi", "openapi"] as const;
const VERSION_LENGTH = 12;

/** Writes what an application's events, replies, questions, agents and API are, for other tools. */
export const documents = defineOwnCommand({
  name: "documents",
  usage: "[asyncapi|openapi] [--app FILE] [--out DIR] [--title TEXT] [--version TEXT]",
  about: "writes an application's AsyncAPI 3.0 and OpenAPI 3.1 documents: both to a folder, or prints one",
  positionals: { required: [], more: 1 },
  options: {
    app: { type: "string" },
    out: { type: "string" },
    title: { type: "string" },
    version: { type: "string" },
  },
  prepare({ app, out, title, version }, [kind]) {
    const known = KINDS.find((one) => one === kind);
    if (kind !== undefined && known === undefined)
      throw new UsageError(`"${kind}": unknown document. Use one of ${KINDS.join(", ")}.`);
    if (known === undefined && out === undefined)
      throw new UsageError(`--out: is missing. Give a folder for both, or name one of ${KINDS.join(", ")}.`);
    return async ({ print }) => {
      const [{ applicationFile }, { applicationFacts }, { asyncApiDocument }, { openApiDocument }] =
        await Promise.all([
          import("../application-file.ts"),
          import("../../documents/application-facts.ts"),
          import("../../documents/asyncapi-document.ts"),
          import("../../documents/openapi-document.ts"),
        ]);
      const { path, definition, application } = applicationFile(app);
      const facts = applicationFacts(definition);
      const hashes = application.flows.map(({ hash }) => hash).join();
      const named = {
        title: title ?? basename(dirname(path)),
        // Another one as soon as a flow is.
        version: version ?? createNodeDigest().sha256(hashes).slice(0, VERSION_LENGTH),
      };
      const made = { asyncapi: asyncApiDocument, openapi: openApiDocument };
      const texts = (known === undefined ? KINDS : [known]).map(
        (one) => [one, JSON.stringify(made[one](facts, named), undefined, 2)] as const,
      );
      if (out === undefined) return print(texts.map(([, text]) => text).join("\n"));
      try {
        await mkdir(out, { recursive: true });
        for (const [one, text] of texts) await writeFile(join(out, `${one}.json`), `${text}\n`);
      } catch (cause) {
        throw new TargetError(`--out: ${messageOf(cause)}. Give a folder that can be written.`, { cause });
      }
      print(`Wrote ${texts.map(([one]) => join(out, `${one}.json`)).join(" and ")}.`);
    };
  },
});
