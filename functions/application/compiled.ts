import { applicationDefinition } from "#application-definition";
import { compileApplication } from "#core/flow/application.ts";
import { createNodeDigest } from "#node/node-digest.ts";

/** The user's application as its author wrote it, compiled where it runs: its schemas say what data cannot. */
export const application = compileApplication(applicationDefinition, createNodeDigest());
