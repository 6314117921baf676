/** Lines of the functions' logs, and their bytes as CloudWatch bills them, for an invocation of each: counted at the local endpoints with the sample's names. */
export const LOGGED_LINES = {
  ingress: { lines: 2, bytes: 484 },
  intake: { lines: 2, bytes: 397 },
  coordinator: { lines: 2, bytes: 488 },
  door: { lines: 2, bytes: 479 },
  recovery: { lines: 1, bytes: 170 },
  agent: { lines: 1, bytes: 309 },
} as const;
