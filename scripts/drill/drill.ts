import type { AlarmDefinition } from "#local/metrics/alarm-definition.ts";
import { minuteOf } from "#local/metrics/metric-store.ts";
import { booking } from "./booking.ts";
import { MINUTE, THROTTLED, type Scenario } from "./scenario.ts";
import { FUNCTION_SCENARIOS } from "./scenarios/functions.ts";
import { agentDies, LETTER_SCENARIOS, purge } from "./scenarios/letters.ts";
import { putEvent, SESSION_SCENARIOS } from "./scenarios/sessions.ts";
import { WAY_SCENARIOS } from "./scenarios/ways.ts";
import { openWorld, withoutPrefix, type DrillWorld, type ProducerEvent } from "./world.ts";

/** How an alarm did. */
export interface Drilled {
  /** Without the spine's prefix. */
  readonly alarm: string;
  /** Undefined where no scenario is made for it. */
  readonly trouble: string | undefined;
  /** From the beginning of the trouble until it rang, in ms of the drill's time; undefined where it did not. */
  readonly afterMs: number | undefined;
}

export interface DrillReport {
  readonly alarms: readonly Drilled[];
  /** Alarms that rang while nothing was wrong. */
  readonly falseAlarms: readonly string[];
  /** Alarms that went on ringing long after their trouble had ended. */
  readonly lasting: readonly string[];
  readonly calmMs: number;
}

export interface DrillOptions {
  readonly templateDir: string;
  /** Runs the scenarios of these alarms only. @default all */
  readonly only?: (alarm: string) => boolean;
  readonly onProgress?: (text: string) => void;
  /** What producers send on any day. @default a booking of the sample application */
  readonly event?: ProducerEvent;
}

const CALM_MS = 30 * MINUTE;
const CALM_SESSIONS = 5;
const CALM_TRIES = 3;
/** The work of any function here takes a few hundredths of it, where there is a processor for it. */
const SLOW_MS = 2_000;
/** Alarms look back ten minutes at most; what is left of a trouble takes as long again. */
const MEND_MINUTES = 90;

/** Lets a spine be calm, then makes every trouble that its alarms are for, one after another. */
export async function drill({
  templateDir,
  only = () => true,
  onProgress = () => undefined,
  event = booking,
}: DrillOptions): Promise<DrillReport> {
  const world = await openWorld(templateDir, event);
  try {
    const definitions = world.cloud.alarms().map(({ alarm }) => alarm);
    const falseAlarms = await calm(world, onProgress);
    onProgress(
      `${definitions.length} alarms; ${falseAlarms.length} rang in ${CALM_MS / MINUTE} calm minutes`,
    );
    const lasting: string[] = [];
    const heard = new Map<string, { readonly trouble: string; readonly afterMs: number | undefined }>();
    for (const scenario of scenariosFor(definitions)) {
      const meant = definitions.filter(({ name }) => scenario.rings(withoutPrefix(name)));
      if (!meant.some(({ name }) => only(withoutPrefix(name)))) continue;
      await scenario.prepare?.(world);
      // From the beginning of a minute, so that an alarm rings after as many of them each time.
      await world.advance(untilNextMinute(world.now()));
      world.rung.clear();
      const began = world.now();
      await scenario.run(world, meant);
      for (const { name } of meant) {
        const at = world.rung.get(withoutPrefix(name));
        heard.set(withoutPrefix(name), {
          trouble: scenario.trouble,
          afterMs: at === undefined ? undefined : at - began,
        });
      }
      const rang = meant.filter(({ name }) => world.rung.has(withoutPrefix(name))).length;
      onProgress(`${scenario.trouble}: ${rang} of ${meant.length} rang`);
      lasting.push(...(await mended(world, scenario)));
    }
    return {
      alarms: definitions
        .map(({ name }) => withoutPrefix(name))
        .filter(only)
        .map((alarm) => ({ alarm, trouble: heard.get(alarm)?.trouble, afterMs: heard.get(alarm)?.afterMs })),
      falseAlarms,
      lasting,
      calmMs: CALM_MS,
    };
  } finally {
    await world.stop();
  }
}

/** One for each trouble, and for each agent that has alarms. */
export function scenariosFor(alarms: readonly Pick<AlarmDefinition, "name">[]): readonly Scenario[] {
  const agents = alarms.flatMap(({ name }) => /^agent-(.+)-letters$/.exec(withoutPrefix(name))?.[1] ?? []);
  return [
    ...SESSION_SCENARIOS,
    ...agents.map(agentDies),
    ...WAY_SCENARIOS,
    ...LETTER_SCENARIOS,
    ...FUNCTION_SCENARIOS,
  ];
}

/** Sessions as on any day; gives what rang. A machine on which functions take seconds for milliseconds' work is in trouble itself. */
async function calm(world: DrillWorld, onProgress: (text: string) => void): Promise<readonly string[]> {
  for (let tries = 1; ; tries += 1) {
    // The first session waits for processes to start.
    await world.post(`warm-${tries}`, world.event("warm"));
    await world.advance(CALM_MS);
    world.rung.clear();
    const began = world.now();
    for (let at = 0; at < CALM_SESSIONS; at += 1) {
      await world.post(`calm-${tries}-${at}`, world.event("calm"));
      await world.advance(1_000);
    }
    const { session: facts, ...event } = world.event("calm-bus");
    await putEvent(world, { ...event, session: `calm-bus-${tries}`, ...(facts !== undefined && { facts }) });
    await world.advance(CALM_MS);
    const rang = [...world.rung.keys()];
    const slowest = longestInvocation(world, began);
    if (rang.length === 0 || slowest < SLOW_MS || tries === CALM_TRIES) return rang;
    onProgress(
      `not calm: a function took ${Math.round(slowest)} ms because the machine is busy; trying again`,
    );
  }
}

const untilNextMinute = (now: number): number => (minuteOf(now) + 1) * MINUTE - now;

const longestInvocation = ({ cloud, now }: DrillWorld, since: number): number =>
  Math.max(
    ...[...cloud.functions.keys()].map((FunctionName) => {
      const key = { namespace: "AWS/Lambda", name: "Duration", dimensions: { FunctionName } };
      return cloud.metrics.statistic(key, "Maximum", since, now() + MINUTE) ?? 0;
    }),
  );

/** Ends a trouble and waits until nothing rings any more; gives what goes on ringing. */
async function mended(world: DrillWorld, scenario: Scenario): Promise<readonly string[]> {
  world.mend();
  await world.advance(MINUTE, THROTTLED);
  await scenario.after?.(world);
  const ringing = () =>
    world.cloud
      .alarms()
      .filter(({ state }) => state === "ALARM")
      .map(({ alarm }) => withoutPrefix(alarm.name));
  const notifies = world.cloud
    .alarms()
    .some(({ alarm }) => withoutPrefix(alarm.name) === "questions-letters");
  for (let minutes = 0; minutes < MEND_MINUTES && ringing().length > 0; minutes += 1) {
    // The drill's webhook has no address: other troubles that end in a question leave letters of its notice.
    if (notifies) await purge(world, "questions-dead");
    await world.advance(MINUTE);
  }
  return ringing();
}
