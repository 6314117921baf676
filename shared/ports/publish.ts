import type { SessionAdvanced } from "#core/session/messages.ts";

/** Publishes commits on spine-out. At least once; a consumer orders by sequence. */
export interface Publish {
  publish(advances: readonly SessionAdvanced[]): Promise<void>;
}

/** Hands commits to consumers that subscribed in order: FIFO, grouped by session. */
export interface OrderedSubscriptions {
  deliver(advance: SessionAdvanced): Promise<void>;
}
