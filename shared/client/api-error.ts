import * as z from "zod/mini";
import type { ApiAnswer } from "./call.ts";

const problemDocument = z.object({
  type: z.string(),
  detail: z.string(),
  problems: z._default(z.array(z.object({ field: z.string(), problem: z.string(), repair: z.string() })), []),
});

/**
 * The spine refused a request, or answered something else than its API does.
 *
 * @example
 * await client.send("s1", { id: "1", type: "GreetingAsked", data: {} }).catch((error: unknown) => {
 *   if (error instanceof ApiError && error.status === 409) return undefined;
 *   throw error;
 * });
 */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  /** The spine's code (docs/errors.md); absent where somebody else answered. */
  readonly code?: string;

  constructor(status: number, message: string, code?: string) {
    super(message);
    this.status = status;
    if (code !== undefined) this.code = code;
  }
}

/** Whom a request was for, and what lets a role send it. */
interface Asked {
  readonly name: string;
  readonly grant: string;
}

const PROBLEM = /^urn:event-spine:problem:(.+)$/;

const INGRESS: Asked = { name: "The ingress", grant: "spine.grantSend(role)" };

/** What an answer that is no success says, in one line: what is wrong, and the repair where it is not said yet. */
export function apiError({ status, body }: ApiAnswer, asked: Asked = INGRESS): ApiError {
  const { data } = problemDocument.safeParse(parsed(body));
  if (data === undefined) return new ApiError(status, foreignAnswer(status, body, asked));
  const repairs = data.problems.map(({ repair }) => repair).filter((repair) => !data.detail.includes(repair));
  const [, code] = PROBLEM.exec(data.type) ?? [];
  return new ApiError(status, [data.detail, ...new Set(repairs)].join(" "), code);
}

function foreignAnswer(status: number, body: string, { name, grant }: Asked): string {
  if (status === 403)
    return `${name} rejected these credentials (403). Their principal needs lambda:InvokeFunctionUrl and lambda:InvokeFunction on it: ${grant}.`;
  return `${name} answered ${status}: ${body.replaceAll(/\s+/g, " ").trim().slice(0, 200)}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
