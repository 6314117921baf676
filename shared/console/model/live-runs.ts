/** Whether a run of a session can still be cancelled. */
export const isLive = ({ status }: { readonly status: string }): boolean =>
  ["queued", "running", "suspended", "compensating"].includes(status);
