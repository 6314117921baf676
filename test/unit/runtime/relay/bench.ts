import { createMemoryDeliveryProgress } from "#memory/memory-delivery-progress.ts";
import { transform } from "#core/flow/build.ts";
import { SpineError } from "#core/errors.ts";
import type { SessionAdvanced } from "#core/session/task-messages.ts";
import type { DeliveryProgress } from "#ports/publish.ts";
import { createRelay, type RelayPorts } from "#runtime/relay/create-relay.ts";
import { flowOf, type Bench } from "../engine.ts";

export const down = new SpineError("queue.rejected", "The queue took nothing.", { retryable: true });
/** A flow that notes a text: a commit an event. */
export const noting = flowOf(transform({ note: "input.text" }));

export interface RelayBench {
  readonly relay: ReturnType<typeof createRelay>;
  readonly armed: string[];
  readonly published: SessionAdvanced[];
  /** What each subscription got, in order: session and first sequence. */
  readonly delivered: Map<string, string[]>;
  readonly progress: DeliveryProgress;
}

export interface RelayBenchOptions extends Partial<Omit<RelayPorts, "ordered">> {
  /** @default one, "crm" */
  readonly subscriptions?: readonly string[];
  /** Asked before each message to a subscription; throws what goes wrong. */
  readonly deliver?: (name: string, advance: SessionAdvanced) => Promise<void> | void;
}

/** A relay whose ports remember what they were given. */
export function relayOn(bench: Bench, options: RelayBenchOptions = {}): RelayBench {
  const { subscriptions = ["crm"], deliver, ...failing } = options;
  const armed: string[] = [];
  const published: SessionAdvanced[] = [];
  const delivered = new Map<string, string[]>(subscriptions.map((name) => [name, []]));
  const progress = createMemoryDeliveryProgress();
  const relay = createRelay(bench.engine, {
    deadlines: { arm: (key, at) => (armed.push(`${key.session} ${at}`), Promise.resolve()) },
    publish: { publish: (advances) => (published.push(...advances), Promise.resolve([])) },
    ordered: {
      log: bench.engine.log,
      progress,
      subscriptions: {
        names: subscriptions,
        deliver: async (name, advance) => {
          await deliver?.(name, advance);
          delivered.get(name)?.push(`${advance.session} ${advance.first}`);
        },
      },
    },
    ...failing,
  });
  return { relay, armed, published, delivered, progress };
}
