import { resolve } from "node:path";
import { loadApplication, type LoadedApplication } from "../../infra/bundling/load-application.ts";
import { messageOf } from "#core/errors.ts";
import { defineApplication, type CheckedApplication } from "#core/flow/compile.ts";
import { IN_REPOSITORY, ownModule } from "#node/own-files.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { UsageError } from "#client/usage-error.ts";
import { ownApplication } from "./own-application.ts";

/** The option that says which application is meant. */
export const APP_OPTION = { app: { type: "string" } } as const;

export interface ApplicationFile extends Pick<LoadedApplication, "path" | "definition"> {
  readonly application: CheckedApplication;
}

/** The application's module that `--app` names; without it `spine.ts` here, or in this repository the sample's. Throws `UsageError`. */
export function applicationFile(app: string | undefined): ApplicationFile {
  const own = IN_REPOSITORY ? ownModule("shared/application/sample-application") : ownApplication();
  const path = app ?? own;
  if (path === undefined || path.trim() === "")
    throw new UsageError("--app: is missing. Give the module that exports applicationDefinition.");
  try {
    const { path: absolute, definition } = loadApplication(resolve(path));
    return { path: absolute, definition, application: defineApplication(definition, createNodeDigest()) };
  } catch (cause) {
    throw new UsageError(`--app: ${messageOf(cause)}`, { cause });
  }
}
