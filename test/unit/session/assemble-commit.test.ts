import { describe, expect, it } from "vitest";
import { assembleCommit, nothingDecided } from "#core/session/assemble-commit.ts";
import type { IdEntry } from "#core/session/state.ts";
import { parallel, step } from "#core/flow/build.ts";
import { running } from "./flows.ts";
