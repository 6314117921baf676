import type { HttpResponse } from "#runtime/http/message.ts";
import { problemResponse } from "#runtime/http/problem.ts";

/** What a request gets while there is no spine to hand it to. */
export const notYet = (): Promise<HttpResponse> =>
  Promise.resolve(
    problemResponse(503, {
      code: "spine.starting",
      detail: "The spine is starting. Try again in a moment.",
      headers: { "retry-after": "1" },
    }),
  );
