import { isSpineError, SpineError } from "#core/errors.ts";
import type { Notify, PeopleNotice } from "#ports/notify.ts";

export interface WebhookNotifyOptions {
  /** Reads the address, which is a secret: whoever knows it may post there. Read again after a failure. */
  readonly readUrl: () => Promise<string>;
  /** Milliseconds for a whole answer. @default 3,000 */
  readonly timeoutMs?: number;
  /** @default `fetch` */
  readonly send?: (url: string, init: RequestInit) => Promise<Pick<Response, "status" | "body">>;
}

const TIMEOUT_MS = 3_000;
/** Beside these a status of 400 to 499 says that the same request will never be taken. */
const PASSING = [408, 425, 429];

/**
 * Posts `{"text": …}` to a webhook, as Slack and what is shaped like it take it, with the event's name as `Idempotency-Key`. Only to
 * an https address, or to this machine's own; redirects are not followed. Errors name a status, never the address.
 */
export function createWebhookNotify(options: WebhookNotifyOptions): Notify {
  const { readUrl, timeoutMs = TIMEOUT_MS, send = fetch } = options;
  let known: Promise<string> | undefined;

  const post = async ({ text, event }: PeopleNotice): Promise<void> => {
    known ??= readUrl().then(checkedUrl);
    const { status, body } = await send(await known, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": event },
      body: JSON.stringify({ text: escaped(text) }),
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    // Unread, it would keep its connection.
    await body?.cancel();
    if (status < 200 || status > 299)
      throw refused(`answered ${status}`, status >= 500 || PASSING.includes(status));
  };

  return {
    name: "webhook",
    async notify(notice) {
      try {
        await post(notice);
      } catch (error) {
        known = undefined;
        if (isSpineError(error)) throw error;
        throw refused(`was not reached: ${nameOf(error)}`, true);
      }
    },
  };
}

/** What fetch says of a failure may quote the address. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "Error");

const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOwn = url?.protocol === "http:" && LOOPBACK.includes(url.hostname);
  if (url?.protocol === "https:" || isOwn) return text;
  const problem = "is no https address";
  const repair = "Put the webhook's whole address, and nothing else, into the secret as its text.";
  throw new SpineError("notice.rejected", `The text of the webhook's secret ${problem}. ${repair}`, {
    problems: [{ field: "secret", problem, repair }],
  });
}

/** Slack reads `<…>` as a link or a mention, and asks for these three. */
const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const refused = (problem: string, retryable: boolean): SpineError =>
  new SpineError("notice.rejected", `The webhook ${problem}.`, { retryable });
