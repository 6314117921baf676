import { SpineError } from "#core/errors.ts";
import type { HashedFlow } from "#core/flow/plan.ts";
import { sessionKeyText, type SessionKey, type TenantId } from "#core/ids.ts";
import type { Json, JsonObject } from "#core/json.ts";
import type { Commit } from "#core/session/commit.ts";
import { commitValues, openValues, replaceValues } from "#core/session/personal/commit-values.ts";
import { stateValues } from "#core/session/personal/state-values.ts";
import { followPersonal, type OriginsOf } from "#core/session/personal/follow.ts";
import {
  ERASED_VALUE,
  escapeValues,
  hasSealed,
  mayMislead,
  sealedValue,
} from "#core/session/personal/markers.ts";
import {
  personalValues,
  type PersonalValues,
  type Location,
} from "#core/session/personal/personal-values.ts";
import type { SessionState } from "#core/session/state.ts";
import type { Cipher, SessionKeys } from "#ports/secrets.ts";
import type { PersonalGuard } from "../session/engine.ts";
import { ERASED_DIGEST } from "../session/keyed-inputs.ts";
import { hasPaths, pathsOf, type DeclaredPaths } from "#core/session/personal/declared-paths.ts";
import type { ByTenant } from "#core/by-tenant.ts";

export interface SealingPorts {
  readonly keys: SessionKeys;
  readonly paths: ByTenant<DeclaredPaths>;
  /** @default `paths` is not asked for: only who decides on sessions does so */
  readonly originsOf?: OriginsOf;
}

/** Turns what a tenant declared as personal into ciphertext before it is stored, and back where it is decided on. */
export interface Sealing extends PersonalGuard {
  readonly hasPaths: (tenant: TenantId) => boolean;
  commit(key: SessionKey, text: string): Promise<string>;
  snapshot(key: SessionKey, text: string): Promise<string>;
  /** A text as a whole, whatever it says. */
  whole(key: SessionKey, text: string): Promise<string>;
  /** What was sealed reads as it was, or as erased. A text with nothing sealed in it is given back at once. */
  open(key: SessionKey, text: string): Promise<string>;
}

/** Of a commit or a state, by the paths that its writer followed values to. */
type MapValues<Value> = (value: Value, personal: PersonalValues) => Value;

export function createSealing({ keys, paths, originsOf = unasked }: SealingPorts): Sealing {
  const follow = createFollower(originsOf);

  /** Asks for a key only where there is something to seal: most commits of a session that seals need none. */
  const sealText = async <Value>(
    key: SessionKey,
    text: string,
    map: MapValues<Value>,
    followed: (value: Value) => readonly string[] | undefined,
  ): Promise<string> => {
    const declared = pathsOf(paths, key.tenant);
    if (declared.length === 0) return text;
    const misleads = mayMislead(text);
    // Written by us a moment ago.
    const written = JSON.parse(text) as Json;
    const value = (misleads ? escapeValues(written) : written) as Value;
    const found = new Map<Json, Json>();
    const stands = (one: Json): Json => {
      const marker = sealedValue("");
      found.set(marker, one);
      return marker;
    };
    const personal = personalValues([...new Set([...declared, ...(followed(value) ?? [])])], stands);
    // Commits and states are plain data; the types only lack the index signature.
    const marked = map(value, personal) as Json;
    if (found.size === 0) return misleads ? JSON.stringify(value) : text;
    const cipher = await keys.forSealing(key);
    const replace = (at: JsonObject, location: Location): Json | undefined => {
      const one = found.get(at);
      return one === undefined ? undefined : markerOf(cipher, one, location);
    };
    return JSON.stringify(replaceValues(marked, replace));
  };

  return {
    hasPaths: (tenant) => hasPaths(paths, tenant),

    paths(tenant, flows, known) {
      const declared = pathsOf(paths, tenant);
      return Promise.resolve(declared.length === 0 ? undefined : follow([...declared, ...known], flows));
    },

    async digests(key) {
      if (pathsOf(paths, key.tenant).length === 0) return undefined;
      const cipher = await keys.forSealing(key);
      return cipher === undefined ? () => ERASED_DIGEST : (hash) => cipher.digest(hash);
    },

    cachedKey: (key) => Promise.resolve(keys.cached(key)),

    commit: (key, text) => sealText<Commit>(key, text, commitValues, ({ seen }) => seen.personal),
    snapshot: (key, text) => sealText<SessionState>(key, text, stateValues, ({ personal }) => personal),

    async whole(key, text) {
      if (pathsOf(paths, key.tenant).length === 0) return text;
      return JSON.stringify(markerOf(await keys.forSealing(key), text, []));
    },

    async open(key, text) {
      if (!hasSealed(text)) return text;
      const cipher = await keys.forOpening(key);
      // A session that never had a key, of a tenant that declares nothing, has sealed nothing: it was sent like that.
      if (cipher === undefined && pathsOf(paths, key.tenant).length === 0) return text;
      const open = (sealed: string, location: Location): Json | undefined => {
        if (cipher === undefined || cipher === "erased") return ERASED_VALUE;
        const opened = cipher.open(sealed, locationText(location));
        return opened === undefined ? undefined : (JSON.parse(opened) as Json);
      };
      try {
        const opened = openValues(JSON.parse(text) as Json, open);
        return typeof opened === "string" ? opened : JSON.stringify(opened);
      } catch (cause) {
        // Opening is pure: it stumbles over what is stored.
        throw new SpineError(
          "log.corrupt",
          `The sealed values of ${sessionKeyText(key)} cannot be decrypted.`,
          {
            cause,
          },
        );
      }
    },
  };
}

function unasked(): never {
  throw new SpineError(
    "internal",
    "Values are followed where sessions are decided on, and this is not there.",
  );
}

const locationText = (location: Location): string => JSON.stringify(location);

const markerOf = (cipher: Cipher | undefined, value: Json, location: Location): Json =>
  cipher === undefined
    ? ERASED_VALUE
    : sealedValue(cipher.seal(JSON.stringify(value), locationText(location)));

/** Sets of paths and flows whose outcome a process keeps. */
const MAX_FOLLOWED = 100;

/** Flows and paths are the same for most sessions, and what comes of them is found once. */
function createFollower(originsOf: OriginsOf) {
  const found = new Map<string, readonly string[]>();
  return (paths: readonly string[], flows: readonly HashedFlow[]): readonly string[] => {
    const question = [...new Set(paths)].sort().join() + flows.map(({ hash }) => `/${hash}`).join("");
    const known =
      found.get(question) ??
      followPersonal(
        paths,
        flows.map(({ flow }) => flow),
        originsOf,
      );
    if (found.size >= MAX_FOLLOWED) found.clear();
    found.set(question, known);
    return known;
  };
}
