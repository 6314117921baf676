/** How long the spine's own functions may run, in ms. The deployment, the in-process spine and the simulator take it from here. */
export const FUNCTION_TIMEOUT_MS = {
  coordinator: 5_000,
  door: 5_000,
  intake: 30_000,
  relay: 30_000,
} as const;

/** How long inbox and answers hide what a function took that died, in ms; what a function gives back comes sooner. */
export const INPUTS_HIDDEN_MS = 30_000;
