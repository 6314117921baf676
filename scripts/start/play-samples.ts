import { parseSessionId, type SessionKey } from "#core/ids.ts";
import type { SentInput } from "#local/check-log/dump.ts";
import { killAtWork } from "./kill-at-work.ts";
import { userArn, type LocalSpine } from "#local/local-spine.ts";
import { playSample } from "./play-sample.ts";
import { SAMPLES, type Sample } from "./samples.ts";
import { TENANT } from "./tenant.ts";

export interface PlayedSample {
  readonly sample: Sample;
  readonly key: SessionKey;
  readonly sent: readonly SentInput[];
}

export interface PlaySamplesOptions {
  readonly onReply: () => void;
  /** Told when an agent's process was killed. */
  readonly onKill: (agent: string) => void;
}

const PRODUCER = "samples";
/** More would only wait for one another's processes to start. */
const SIDE_BY_SIDE = 2;

/** The samples in their order, each as soon as it is its turn. One that kills a process is played alone: it might kill another's work. */
export async function* playSamples(
  local: LocalSpine,
  { onReply, onKill }: PlaySamplesOptions,
): AsyncGenerator<PlayedSample> {
  const client = local.clientOf(PRODUCER);
  const caller = { tenant: TENANT, source: userArn(PRODUCER) };
  const play = async (sample: Sample): Promise<PlayedSample> => {
    const session = parseSessionId(`sample-${sample.name}`);
    const sent = await playSample(client, sample, session, { caller, onReply });
    return { sample, key: { tenant: TENANT, session }, sent };
  };

  const playing: Promise<PlayedSample>[] = [];
  for (const sample of SAMPLES.filter(({ killed }) => killed === undefined)) {
    const before = playing[playing.length - SIDE_BY_SIDE] ?? Promise.resolve();
    const one = before.then(() => play(sample));
    // Whoever awaits it hears of a failure; until then it must not end the process.
    one.catch(() => undefined);
    playing.push(one);
  }
  for (const one of playing) yield await one;

  for (const sample of SAMPLES) {
    const { killed } = sample;
    if (killed === undefined) continue;
    const callOff = killAtWork(local, killed, () => onKill(killed));
    try {
      yield await play(sample);
    } finally {
      callOff();
    }
  }
}
