import { sessionKeyText } from "#core/ids.ts";
import type { DeliveryProgress } from "#ports/publish.ts";

export function createMemoryDeliveryProgress(): DeliveryProgress {
  const sessions = new Map<string, Map<string, number>>();
  return {
    reached: (key) => Promise.resolve(new Map(sessions.get(sessionKeyText(key)))),
    advance: (key, reached) => {
      const name = sessionKeyText(key);
      const own = sessions.get(name) ?? new Map<string, number>();
      sessions.set(name, own);
      for (const [subscription, sequence] of reached)
        own.set(subscription, Math.max(sequence, own.get(subscription) ?? 0));
      return Promise.resolve();
    },
    remove: (key) => {
      sessions.delete(sessionKeyText(key));
      return Promise.resolve();
    },
  };
}
