import { SpineError } from "#core/errors.ts";
import type { Clock } from "#ports/clock.ts";
import type { KeyedDigests, SecretVersion, TokenSecrets, ReadyTokens, Tokens } from "#ports/secrets.ts";
import { createHmacDigest, createHmacTokens } from "./hmac-tokens.ts";

/** How often a process reads because of a version that it does not know: whoever makes versions up costs no more. */
const LEAST_MS_BETWEEN_READS = 60_000;
// The version as it is kept, and what HMAC tokens are.
const TOKEN = /^([!-~]{32,64})\.([A-Za-z0-9_-]{43})$/;

/**
 * HMAC tokens that name the version of their secret. The secret is read with the first token. A version that is not known
 * makes one read of the newest two and of that version, once a minute. Digests go by the version that was read first.
 */
export function createVersionedTokens(
  secrets: TokenSecrets,
  clock: Pick<Clock, "now">,
): Tokens & KeyedDigests {
  const known = new Map<string, ReadyTokens & { readonly digest: (text: string) => string }>();
  let newest: Promise<string> | undefined;
  let nextReadAt = -Infinity;
  let reading: Promise<void> | undefined;

  const learn = ({ id, secret }: SecretVersion): string => {
    if (!known.has(id)) known.set(id, { ...createHmacTokens(secret), digest: createHmacDigest(secret) });
    return id;
  };

  /** The version that tokens are made with; read again where that failed. */
  const current = (): Promise<string> => {
    newest ??= secrets.current().then(learn, (error: unknown) => {
      newest = undefined;
      throw unavailable(error);
    });
    return newest;
  };

  const digestBy = (id: string, text: string): string => {
    const version = known.get(id);
    if (version === undefined) throw unavailable();
    return version.digest(text);
  };

  const readAgain = async (id: string): Promise<void> => {
    const [now, before] = await Promise.all([secrets.current(), secrets.previous()]);
    if (before !== undefined) learn(before);
    newest = Promise.resolve(learn(now));
    const named = known.has(id) ? undefined : await secrets.version(id);
    if (named !== undefined) learn(named);
  };

  /** Rejects where it cannot be told whether there is such a version. */
  const tokensOf = async (id: string): Promise<ReadyTokens | undefined> => {
    await current();
    if (!known.has(id) && reading !== undefined) await reading.catch(() => undefined);
    if (known.has(id)) return known.get(id);
    if (clock.now() < nextReadAt) throw unavailable();
    nextReadAt = clock.now() + LEAST_MS_BETWEEN_READS;
    reading = readAgain(id);
    try {
      await reading;
    } catch (error) {
      throw unavailable(error);
    } finally {
      reading = undefined;
    }
    return known.get(id);
  };

  return {
    async issue(attempt) {
      const id = await current();
      return `${id}.${known.get(id)?.issue(attempt)}`;
    },
    async verify(attempt, token) {
      const [, id, proof] = TOKEN.exec(token) ?? [];
      if (id === undefined || proof === undefined) return false;
      const tokens = known.get(id) ?? (await tokensOf(id));
      return tokens?.verify(attempt, proof) ?? false;
    },
    async digest(text) {
      return digestBy(await current(), text);
    },
    async digests(text) {
      // Other processes may have read another version: it is an operator who asks.
      const [now, before] = await Promise.all([secrets.current(), secrets.previous()]).catch(
        (error: unknown) => {
          throw unavailable(error);
        },
      );
      return [now, ...(before === undefined ? [] : [before])].map((version) =>
        digestBy(learn(version), text),
      );
    },
  };
}

function unavailable(cause?: unknown): SpineError {
  const why = cause === undefined ? "was unknown a moment ago" : "cannot be read";
  return new SpineError(
    "secret.unavailable",
    `The token secret, or the version that a token names, ${why}.`,
    {
      retryable: true,
      cause,
    },
  );
}
