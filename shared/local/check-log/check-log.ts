import { checkChain } from "./check-chain.ts";
import { checkDuplicates } from "./check-duplicates.ts";
import { checkFlows, flowHashes } from "./check-flows.ts";
import { checkLost } from "./check-lost.ts";
import type { LogDump, SentInput } from "./dump.ts";
import type { Finding } from "./log-finding.ts";
import { readSession, sessionName } from "./read-session.ts";
import type { LoggedSession } from "./read-session.ts";

export interface LogReport {
  readonly sessions: number;
  readonly events: number;
  readonly gaps: number;
  readonly duplicates: number;
  readonly lost: number;
  readonly findings: readonly Finding[];
}

/** Holds a stored log against itself, and against the list of what its producers sent. */
export function checkLog({ sessions, sent, flows }: LogDump): LogReport {
  const findings: Finding[] = [];
  const known = flowHashes(flows);
  const logged = new Map<string, LoggedSession>();
  for (const stored of sessions) {
    const read = readSession(stored);
    logged.set(read.session.name, read.session);
    findings.push(
      ...read.findings,
      ...checkChain(read.session),
      ...checkDuplicates(read.session),
      ...checkFlows(read.session, known),
    );
  }
  const sendings = new Map<string, SentInput[]>();
  for (const one of sent) {
    const own = sendings.get(sessionName(one)) ?? [];
    own.push(one);
    sendings.set(sessionName(one), own);
  }
  for (const [name, own] of sendings)
    findings.push(...checkLost(own, logged.get(name) ?? { name, commits: [], events: [] }));
  const count = (type: Finding["type"]) => findings.filter((finding) => finding.type === type).length;
  return {
    sessions: logged.size,
    events: [...logged.values()].reduce((sum, { events }) => sum + events.length, 0),
    gaps: count("gap"),
    duplicates: count("duplicate"),
    lost: count("lost"),
    findings,
  };
}
