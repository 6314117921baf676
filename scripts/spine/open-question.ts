import type { Explanation } from "./client.ts";

/** A question that waits for a person, on one line. */
export const askLine = ({ ask, question, dueAt }: Explanation["asks"][number]): string =>
  `${ask}  until ${new Date(dueAt).toISOString()}  ${question}`;
