import * as z from "zod";
import type { StoredSession } from "./dump.ts";
import type { Finding } from "./log-finding.ts";

/*
 * Reads stored commits as plain JSON. Nothing of the spine's own code takes part, so that a mistake in it cannot hide itself.
 */

const recordedEvent = z.object({
  sequence: z.number().int(),
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
});

const storedCommit = z.object({
  tenant: z.string(),
  session: z.string(),
  first: z.number().int(),
  last: z.number().int(),
  previous: z.string(),
  events: z.array(recordedEvent),
});

export type LoggedEvent = z.infer<typeof recordedEvent>;

export interface LoggedCommit extends z.infer<typeof storedCommit> {
  readonly text: string;
}

export interface LoggedSession {
  readonly name: string;
  readonly commits: readonly LoggedCommit[];
  readonly events: readonly LoggedEvent[];
}

export const sessionName = ({
  tenant,
  session,
}: {
  readonly tenant: string;
  readonly session: string;
}): string => `${tenant}/${session}`;

/** A commit that cannot be read leaves a gap. */
export function readSession(stored: StoredSession): {
  readonly session: LoggedSession;
  readonly findings: readonly Finding[];
} {
  const name = sessionName(stored);
  const commits: LoggedCommit[] = [];
  const findings: Finding[] = [];
  for (const [index, text] of stored.commits.entries()) {
    const commit = parse(text);
    if (commit !== undefined && sessionName(commit) === name) commits.push({ ...commit, text });
    else
      findings.push({
        type: "gap",
        session: name,
        text: `commit ${index + 1} is not a readable commit of this session`,
      });
  }
  return { session: { name, commits, events: commits.flatMap(({ events }) => events) }, findings };
}

function parse(text: string): z.infer<typeof storedCommit> | undefined {
  try {
    return storedCommit.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
