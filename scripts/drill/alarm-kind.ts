/** An alarm's name for all agents, or all subscriptions, that have one like it. */
export const kindOf = (alarm: string): string =>
  alarm.replace(/^(agent|sub)-.+-(letters|stuck|throttled)$/, "$1-NAME-$2");

/** What a name in a kind's place stands for. */
export const nameIn = (alarm: string): string | undefined =>
  /^(?:agent|sub)-(.+)-(?:letters|stuck|throttled)$/.exec(alarm)?.[1];
