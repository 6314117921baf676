import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSessionKey } from "#core/ids.ts";
import { isJsonObject, type Json, type JsonObject } from "#core/json.ts";
import { hasSealed } from "#core/session/personal/markers.ts";
import { personalValues } from "#core/session/personal/personal-values.ts";
import { initialState } from "#core/session/state.ts";
import { createMemorySessionKeys } from "#memory/memory-session-keys.ts";
import { createSealing } from "#runtime/sealing/sealing.ts";

const KEY = parseSessionKey({ tenant: "acme", session: "visit" });
const NEEDLE = "needle";

/** Few names, so that personal paths lie within one another, beside one another, and in one section. */
const name = fc.constantFrom("a", "b", "c");
const section = fc.constantFrom("input", "session", "writer");
const path = fc
  .tuple(section, fc.array(name, { minLength: 1, maxLength: 3 }))
  .map(([first, rest]) => [first, ...rest].join("."));

/** Values of every shape whose texts are needles; some have fields that look like what the spine itself writes. */
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constant(NEEDLE),
    fc.constantFrom<Json>(1, null, true),
    fc.dictionary(
      fc.oneof({ weight: 8, arbitrary: name }, fc.constantFrom("$sealed", "$erased", "$$sealed")),
      tie("value"),
      {
        maxKeys: 3,
      },
    ) as fc.Arbitrary<Json>,
    fc.array(tie("value"), { maxLength: 3 }),
  ),
}));

/** Whether something of a value at a place is left as it was although a personal path leads to it. Written the slow way. */
function leaks(stored: Json, paths: readonly string[], place: readonly string[]): boolean {
  if (Array.isArray(stored)) return stored.some((inner: Json) => leaks(inner, paths, place));
  if (isJsonObject(stored))
    return Object.entries(stored).some(([key, inner]) => leaks(inner, paths, [...place, key]));
  const text = place.join(".");
  return stored === NEEDLE && paths.some((one) => text === one || text.startsWith(`${one}.`));
}

describe("values at personal paths", () => {
  it("are found next to any other personal path, through lists, in one section or in several", () => {
    fc.assert(
      fc.property(fc.array(path, { minLength: 1, maxLength: 5 }), section, value, (paths, first, given) => {
        const personal = personalValues(paths, () => "gone");
        expect(leaks({ [first]: personal.at(first, given) }, paths, [])).toBe(false);
        expect(leaks(personal.context({ [first]: given }), paths, [])).toBe(false);
        expect(leaks(personal.context({ "~run": { [first]: given } })["~run"] ?? null, paths, [])).toBe(
          false,
        );
      }),
    );
  });

  it("are sealed identically where an event sets them and where the context holds them", () => {
    fc.assert(
      fc.property(fc.array(path, { maxLength: 5 }), path, value, (paths, at, given) => {
        const [first = "", ...keys] = at.split(".");
        const inside = keys.toReversed().reduce<Json>((inner, key) => ({ [key]: inner }), given);
        const { at: set, context } = personalValues(paths, () => "gone");
        const found = keys.reduce<Json>(
          (outer, key) => (isJsonObject(outer) ? (outer[key] ?? null) : outer),
          context({ [first]: inside })[first] ?? null,
        );
        expect(set(at, given)).toEqual(found);
      }),
    );
  });

  it("are opened unchanged, including every field that only looks like a marker", async () => {
    const state = (context: JsonObject) => ({ ...initialState(KEY.tenant, KEY.session), context });
    await fc.assert(
      fc.asyncProperty(
        fc.array(path, { minLength: 1, maxLength: 4 }),
        section,
        value,
        async (paths, first, given) => {
          const sealing = createSealing({ keys: createMemorySessionKeys(), paths: { "*": paths } });
          const text = JSON.stringify(state({ [first]: given }));
          const stored = await sealing.snapshot(KEY, text);
          expect(await sealing.open(KEY, stored)).toBe(text);
        },
      ),
    );
  });
});

describe("a value that only looks like a marker", () => {
  const keys = createMemorySessionKeys();
  const sealing = createSealing({ keys, paths: { "*": ["input.email"] } });
  const state = (input: Json) =>
    JSON.stringify({ ...initialState(KEY.tenant, KEY.session), context: { input } });

  it.each([
    { email: { $erased: true, v: NEEDLE } },
    { email: { $sealed: "x", v: NEEDLE } },
    { email: [{ $sealed: "x", v: NEEDLE }] },
    { people: [{ $erased: true, email: { $erased: true, v: NEEDLE } }] },
    { $sealed: "x", email: NEEDLE },
  ])("hides no personal value: %j", async (input) => {
    const stored = await sealing.snapshot(KEY, state(input));
    expect(stored).not.toContain(NEEDLE);
    expect(await sealing.open(KEY, stored)).toBe(state(input));
  });

  it("is not opened, even if somebody copied it from a sealed place", async () => {
    const stored = JSON.parse(await sealing.snapshot(KEY, state({ email: NEEDLE }))) as {
      readonly context: { readonly input: { readonly email: JsonObject } };
    };
    const { email } = stored.context.input;
    expect(email).toEqual({ $sealed: expect.any(String) });
    // A producer sends it at other paths of the same session, and at the personal one.
    const sent = state({ note: email, email });
    const again = await sealing.snapshot(KEY, sent);
    expect(again).not.toContain(`{"$sealed":"${String(email["$sealed"])}"}`);
    expect(await sealing.open(KEY, again)).toBe(sent);
    // Whoever can write the store moves it there.
    const moved = JSON.stringify({ ...stored, context: { input: { note: email } } });
    expect(await sealing.open(KEY, moved)).not.toContain(NEEDLE);
  });

  it("requests no key when nothing was sealed, however many dollars it contains", () => {
    for (const text of ['{"rating":"$$$"}', '{"$$":1}', '{"a":"\\"$sealed\\""}', '{"$erased":true}'])
      expect(hasSealed(text)).toBe(false);
    for (const text of ['{"$sealed":"2.x"}', '{"$$erased":true}', '{"$$$sealed":1}'])
      expect(hasSealed(text)).toBe(true);
  });
});
