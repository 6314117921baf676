import { messageOf } from "#core/errors.ts";
import { checkBus } from "./checks/bus.ts";
import { checkCompensated } from "./checks/compensated.ts";
import { checkDispositions } from "./checks/dispositions.ts";
import { checkExpired } from "./checks/expired.ts";
import { checkFlowsStored } from "./checks/flows-stored.ts";
import { checkForked } from "./checks/forks-begun.ts";
import { checkFresh } from "./checks/fresh.ts";
import { checkHandOvers } from "./checks/hand-overs.ts";
import { checkHostile } from "./checks/hostile.ts";
import { checkHeartbeats } from "./checks/heartbeats.ts";
import { readHistory, type History } from "./checks/history.ts";
import { checkInTime } from "./checks/nothing-late.ts";
import { checkLeftovers } from "./checks/leftovers.ts";
import { checkListed } from "./checks/listed.ts";
import { checkContained, checkMoving, checkNothingLost } from "./checks/lasting.ts";
import { checkOnce } from "./checks/once.ts";
import { checkOrdered } from "./checks/ordered.ts";
import { checkReplies } from "./checks/replies.ts";
import { checkSealed } from "./checks/sealed.ts";

import { checkSheets } from "./checks/sheets.ts";
import { checkSignals } from "./checks/signals-told.ts";
import { checkTakenFirst } from "./checks/taken-first.ts";
import { checkReadBack, checkRebuildable, checkReplayable } from "./checks/rebuildable.ts";
import type { Report, Violation } from "./checks/violation.ts";
import { keyOf } from "./sim-names.ts";
import type { WorldResult } from "./sim-world.ts";

/** A run held against every promise. */
export interface CheckResult {
  readonly violations: readonly Violation[];
  /** Of the sessions whose log could be read. */
  readonly histories: readonly History[];
}

const WHOLE_LOG = 1_000_000;

/** Reads a run's logs without holding them against anything. */
export async function readRun({ records, log, words }: WorldResult): Promise<readonly History[]> {
  const histories: History[] = [];
  for (const record of records.values()) {
    if (record.expiredAt !== undefined) histories.push(record.history);
    else histories.push(readHistory(record, await log.readAfter(keyOf(record.key), 0, WHOLE_LOG), words));
  }
  return histories;
}

/** Checks a run as somebody would who sees everything from outside and knows only what the design promises. */
export async function checkRun(worldResult: WorldResult, readBack: boolean): Promise<CheckResult> {
  const violations: Violation[] = [];
  const histories: History[] = [];
  for (const record of worldResult.records.values()) {
    const report: Report = (promise, check, problem) =>
      void violations.push({ promise, check, session: record.key, problem });
    const stored = await worldResult.log.readAfter(keyOf(record.key), 0, WHOLE_LOG);
    checkSealed(worldResult, record.key, report);
    try {
      const { expiredAt } = record;
      // Retention removes what was followed while it was written.
      const history =
        expiredAt === undefined ? readHistory(record, stored, worldResult.words) : record.history;
      checkForked(history, histories, report);
      histories.push(history);
      checkOrdered(history, report);
      await checkFlowsStored(history, worldResult, report);
      checkOnce(history, report);
      checkInTime(history, report);
      checkCompensated(history, report);
      checkLeftovers(history, report);
      checkHostile(history, worldResult, report);
      checkHandOvers(history, worldResult, report);
      checkHeartbeats(history, worldResult, report);
      checkFresh(history, report);
      checkSheets(history, report);
      checkSignals(history, report);
      checkDispositions(history, report);
      checkTakenFirst(history, report);
      checkMoving(history, worldResult, report);
      checkNothingLost(history, worldResult, report);
      checkReplies(history, report);
      checkBus(history, worldResult, report);
      checkContained(history, report);
      checkRebuildable(history, worldResult.digest, report);
      checkReplayable(history, report);
      checkListed(history, worldResult, report);
      if (expiredAt !== undefined)
        checkExpired(history, stored, worldResult.retentionMs ?? Infinity, worldResult, report);
      else if (readBack) await checkReadBack(history, worldResult.reading, report);
    } catch (error) {
      report("Ordered", "the log can be read", messageOf(error));
    }
  }
  return { violations, histories };
}
