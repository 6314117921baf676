import { basename, dirname } from "node:path";
import { messageOf } from "#core/errors.ts";
import { say } from "#client/printable.ts";
import { UsageError } from "#client/usage-error.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import type { A2aOffer } from "../../a2a/a2a-skills.ts";
import { defineCommand } from "../command.ts";
import { readPort } from "../read-values.ts";

const VERSION_LENGTH = 12;

/** Serves a spine as an agent of A2A 1.0, to this machine alone. */
export const a2a = defineCommand({
  name: "a2a",
  usage: "[--app FILE] [--skill EVENT]... [--no-answers] [--public-url URL] [--port N]",
  about:
    "serves the spine as an agent of A2A 1.0 on 127.0.0.1 with your own credentials, until it is stopped, and prints its card's address and a token; the skills are the application's events, or those named; with --no-answers questions to people are not asked of its clients",
  positionals: { required: [] },
  options: {
    app: { type: "string" },
    skill: { type: "string", multiple: true },
    "no-answers": { type: "boolean" },
    "public-url": { type: "string" },
    port: { type: "string" },
  },
  prepare({ app, skill: wanted, "no-answers": asksNobody = false, "public-url": address, port: given }) {
    const publicUrl = address === undefined ? undefined : readAddress(address);
    const port = given === undefined ? undefined : readPort("--port", given);
    return async ({ target, print, stopped }) => {
      const [{ applicationFile }, { a2aOffer }, { serveA2a }] = await Promise.all([
        import("../application-file.ts"),
        import("../../a2a/a2a-skills.ts"),
        import("../../a2a/serve-a2a.ts"),
      ]);
      const { path, definition, application } = applicationFile(app);
      const all = a2aOffer(definition);
      const offer = wanted === undefined ? all : onlySkills(all, wanted);
      if (offer.skills.length === 0)
        throw new UsageError(
          "--app: no event starts a flow of this application, so it has no skill to offer.",
        );
      const hashes = application.flows.map(({ hash }) => hash).join();
      const gateway = await serveA2a({
        target,
        offer,
        asksClient: !asksNobody,
        name: basename(dirname(path)),
        // Another one as soon as a flow is.
        version: createNodeDigest().sha256(hashes).slice(0, VERSION_LENGTH),
        onTrouble: (error) => say(`spine: ${messageOf(error)}`),
        ...(publicUrl !== undefined && { publicUrl }),
        ...(port !== undefined && { port }),
      }).catch((error: unknown) => {
        throw new UsageError(messageOf(error), { cause: error });
      });
      const { url, cardUrl, token } = gateway;
      print(
        `${target.where} is an A2A agent at ${url}\n\n  card   ${cardUrl}\n  token  ${token}\n\nStop with Ctrl-C.`,
      );
      await new Promise<void>((resolve) => {
        if (stopped.aborted) resolve();
        else stopped.addEventListener("abort", () => resolve(), { once: true });
      });
      await gateway.close();
    };
  },
});

function readAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new UsageError(
    `--public-url: "${text}" is not a URL. Give the one at which clients reach the agent.`,
  );
}

function onlySkills({ skills, schemaOf }: A2aOffer, wanted: readonly string[]): A2aOffer {
  const names = skills.map(({ type }) => type);
  for (const name of wanted)
    if (!names.includes(name))
      throw new UsageError(
        `--skill: no flow starts with the event "${name}". Use one of ${names.join(", ")}.`,
      );
  return { skills: skills.filter(({ type }) => wanted.includes(type)), schemaOf };
}
