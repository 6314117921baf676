import { basename, dirname } from "node:path";
import { messageOf } from "#core/errors.ts";
import { say } from "#client/printable.ts";
import { UsageError } from "#client/usage-error.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { defineCommand } from "../command.ts";
import { readPort } from "../read-values.ts";

const VERSION_LENGTH = 12;

/** Serves a spine as an agent of A2A 1.0, to this machine alone. */
export const a2a = defineCommand({
  name: "a2a",
  usage: "[--app FILE] [--port N]",
  about:
    "serves the spine as an agent of A2A 1.0 on 127.0.0.1 with your own credentials, until it is stopped, and prints its card's address and a token; the skills are the application's events",
  positionals: { required: [] },
  options: { app: { type: "string" }, port: { type: "string" } },
  prepare({ app, port: given }) {
    const port = given === undefined ? undefined : readPort("--port", given);
    return async ({ target, print, stopped }) => {
      const [{ applicationFile }, { a2aOffer }, { serveA2a }] = await Promise.all([
        import("../application-file.ts"),
        import("../../a2a/a2a-skills.ts"),
        import("../../a2a/serve-a2a.ts"),
      ]);
      const { path, definition, application } = applicationFile(app);
      const offer = a2aOffer(definition);
      if (offer.skills.length === 0)
        throw new UsageError(
          "--app: no event starts a flow of this application, so it has no skill to offer.",
        );
      const hashes = application.flows.map(({ hash }) => hash).join();
      const gateway = await serveA2a({
        target,
        offer,
        name: basename(dirname(path)),
        // Another one as soon as a flow is.
        version: createNodeDigest().sha256(hashes).slice(0, VERSION_LENGTH),
        onTrouble: (error) => say(`spine: ${messageOf(error)}`),
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
