import { SpineError } from "#core/errors.ts";
import { sessionKeyText, type SessionKey, type TenantId } from "#core/ids.ts";
import type { Json } from "#core/json.ts";
import type { Commit } from "#core/session/commit.ts";
import { commitValues, openValues, stateValues } from "#core/session/personal/commit-values.ts";
import { ERASED_VALUE, hasSealed, sealedValue } from "#core/session/personal/markers.ts";
import { personalValues, type PersonalValues } from "#core/session/personal/personal-values.ts";
import type { SessionState } from "#core/session/state.ts";
import type { SessionKeys } from "#ports/session-keys.ts";

/** Paths of the context that hold personal values, by tenant; `*` is every tenant that is not named. */
export type PersonalPaths = Readonly<Record<string, readonly string[]>>;

export interface SealingPorts {
  readonly keys: SessionKeys;
  readonly paths: PersonalPaths;
}

/** Turns what a tenant declared as personal into ciphertext before it is stored, and back where it is decided on. */
export interface Sealing {
  readonly hasPaths: (tenant: TenantId) => boolean;
  commit(key: SessionKey, text: string): Promise<string>;
  snapshot(key: SessionKey, text: string): Promise<string>;
  /** A text as a whole, whatever it says. */
  whole(key: SessionKey, text: string): Promise<string>;
  /** What was sealed reads as it was, or as erased. A text with nothing sealed in it is given back at once. */
  open(key: SessionKey, text: string): Promise<string>;
}

export function createSealing({ keys, paths }: SealingPorts): Sealing {
  const pathsOf = (tenant: TenantId): readonly string[] =>
    (Object.hasOwn(paths, tenant) ? paths[tenant] : paths["*"]) ?? [];

  /** Looks first whether there is anything to seal: most commits of a session that seals need no key. */
  const seal = async <Value>(
    key: SessionKey,
    value: Value,
    map: (value: Value, personal: PersonalValues) => Value,
  ): Promise<Value | undefined> => {
    let found = 0;
    const counting = personalValues(pathsOf(key.tenant), (one) => {
      found += 1;
      return one;
    });
    map(value, counting);
    if (found === 0) return undefined;
    const cipher = await keys.forSealing(key);
    const replace = (one: Json): Json =>
      cipher === undefined ? ERASED_VALUE : sealedValue(cipher.seal(JSON.stringify(one)));
    return map(value, personalValues(pathsOf(key.tenant), replace));
  };

  const sealText = async <Value>(
    key: SessionKey,
    text: string,
    map: (value: Value, personal: PersonalValues) => Value,
  ): Promise<string> => {
    if (pathsOf(key.tenant).length === 0) return text;
    // Written by us a moment ago.
    const sealed = await seal(key, JSON.parse(text) as Value, map);
    return sealed === undefined ? text : JSON.stringify(sealed);
  };

  return {
    hasPaths: (tenant) => pathsOf(tenant).length > 0,
    commit: (key, text) => sealText<Commit>(key, text, commitValues),
    snapshot: (key, text) => sealText<SessionState>(key, text, stateValues),

    async whole(key, text) {
      if (pathsOf(key.tenant).length === 0) return text;
      const cipher = await keys.forSealing(key);
      return JSON.stringify(
        cipher === undefined ? ERASED_VALUE : sealedValue(cipher.seal(JSON.stringify(text))),
      );
    },

    async open(key, text) {
      if (!hasSealed(text)) return text;
      const cipher = await keys.forOpening(key);
      // A session that never had a key, of a tenant that declares nothing, has sealed nothing: it was sent like that.
      if (cipher === undefined && pathsOf(key.tenant).length === 0) return text;
      const open = (sealed: string): Json | undefined => {
        if (cipher === undefined || cipher === "erased") return ERASED_VALUE;
        const opened = cipher.open(sealed);
        return opened === undefined ? undefined : (JSON.parse(opened) as Json);
      };
      try {
        const opened = openValues(JSON.parse(text) as Json, open);
        return typeof opened === "string" ? opened : JSON.stringify(opened);
      } catch (cause) {
        // Opening is pure: it stumbles over what is stored.
        throw new SpineError("log.corrupt", `What ${sessionKeyText(key)} has sealed cannot be opened.`, {
          cause,
        });
      }
    },
  };
}
