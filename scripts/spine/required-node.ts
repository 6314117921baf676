import { UsageError } from "#client/usage-error.ts";

/** The first of its line that runs TypeScript as it is and lets modules be loaded again. */
const LEAST = { major: 22, minor: 18 };

/** Throws `UsageError` where Node is too old to load an application. The package itself needs less. */
export function requireNode(command: string, version = process.versions.node): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > LEAST.major || (major === LEAST.major && minor >= LEAST.minor)) return;
  throw new UsageError(
    `${command}: Node ${version} cannot run TypeScript as it is, nor load modules again. Use Node ${LEAST.major}.${LEAST.minor} or newer.`,
  );
}
