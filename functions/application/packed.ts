import { unpackApplication, type PackedApplication } from "#core/flow/packed-application.ts";
import { unshareJson, type SharedJson } from "#core/shared-json.ts";

/** What bundling puts in its place: see `bundleOptions`. */
declare const PACKED_APPLICATION: string;

/** The user's application as data: no library that its schemas were written with is loaded. */
export const application = unpackApplication(
  // Packed by the very same version.
  unshareJson(JSON.parse(PACKED_APPLICATION) as SharedJson) as unknown as PackedApplication,
);
