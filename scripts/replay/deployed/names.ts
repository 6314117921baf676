/** The variable that names the table of calls. */
export const CALLS_TABLE = "CALLS_TABLE";
/** How the table of calls is keyed: by turn, and within it by idempotency key. */
export const CallAttribute = { turn: "turn", key: "key" } as const;
