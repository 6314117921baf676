import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import * as mini from "zod/mini";
import { canonicalJson, type Json } from "#core/json.ts";
import { schemaOfJson } from "#core/json-schema.ts";
import { shareJson, unshareJson } from "#core/shared-json.ts";
import { writeSchema } from "../../infra/bundling/write-schema.ts";

/** A schema, and values that mostly fit it. */
interface Sample {
  readonly schema: z.ZodType;
  readonly fitting: fc.Arbitrary<unknown>;
}

const text = fc.string({ unit: "binary", maxLength: 8 });
const sample = (schema: z.ZodType, fitting: fc.Arbitrary<unknown>): Sample => ({ schema, fitting });
const bound = fc.integer({ min: 0, max: 6 });
const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));

const texts: fc.Arbitrary<Sample> = fc.oneof(
  fc.constant(sample(z.string(), text)),
  fc.tuple(bound, bound).map(([a, b]) => sample(z.string().min(a).max(b), text)),
  bound.map((length) => sample(z.string().length(length).min(2), text)),
  fc.constantFrom(
    sample(z.string().regex(/^[a-c]+$/i), fc.constantFrom("abC", "", "d", "aé")),
    sample(z.string().regex(/^a.b$/s).regex(/b/), fc.constantFrom("a\nb", "axb", "ab")),
    sample(z.string().regex(/^a.b$/m), fc.constantFrom("x\naxb", "a\nb", "ab")),
    sample(z.string().startsWith("a.").endsWith("\n"), fc.constantFrom("a.\n", "ab\n", "a.")),
    sample(z.string().includes("(", {}), fc.constantFrom("a(", "a")),
    sample(z.email(), fc.constantFrom("a@b.example", "a@b", "a b@c.example")),
    sample(z.uuid(), fc.oneof(fc.uuid(), fc.constant("00000000-0000-0000-0000-00000000000"))),
    sample(z.iso.date(), fc.constantFrom("2024-02-29", "2023-02-29", "2024-1-1")),
    sample(z.iso.datetime({ local: true }), fc.constantFrom("2024-02-29T10:00:00", "2024-02-29T10:00Z", "x")),
    sample(z.iso.time(), fc.constantFrom("10:00:00", "25:00:00", "10:00")),
    sample(z.ipv4(), fc.constantFrom("1.2.3.4", "1.2.3.256")),
    sample(z.string().lowercase(), fc.constantFrom("a", "A", "é")),
  ),
);

const numbers: fc.Arbitrary<Sample> = fc.oneof(
  fc.constantFrom(z.number(), z.int(), z.int32(), z.uint32(), z.float32()).map((s) => sample(s, number)),
  fc.tuple(bound, bound).map(([a, b]) => sample(z.number().min(a).lt(b).min(2), number)),
  fc
    .tuple(bound, bound)
    .map(([a, b]) => sample(z.number().int().gt(a).max(b), fc.integer({ min: 0, max: 8 }))),
);

const others: fc.Arbitrary<Sample> = fc.constantFrom(
  sample(z.boolean(), fc.boolean()),
  sample(z.null(), fc.constant(null)),
  sample(z.unknown(), fc.jsonValue()),
  sample(z.any(), fc.jsonValue()),
  sample(z.never(), fc.jsonValue()),
  sample(z.enum(["a", "b"]), fc.constantFrom("a", "b", "c")),
  sample(z.literal("a"), fc.constantFrom("a", "b")),
  sample(z.literal([1, null, "x", false]), fc.constantFrom(1, null, "x", false, 0)),
  sample(
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("a"), at: z.number() }),
      z.strictObject({ kind: z.enum(["b", "c"]), at: z.optional(z.string()) }),
    ]),
    fc.record(
      { kind: fc.constantFrom("a", "b", "c", "d"), at: fc.oneof(fc.string(), fc.integer()), more: fc.nat() },
      { requiredKeys: [] },
    ),
  ),
  // The small build of zod.
  sample(
    z.lazy(
      () =>
        mini.object({
          a: mini.optional(mini.string().check(mini.minLength(1))),
          b: mini.int(),
          // To the writer both are schemas of zod's core.
        }) as unknown as z.ZodType,
    ),
    fc.record({ a: text, b: fc.integer(), c: text }, { requiredKeys: ["b"] }),
  ),
);

const KEYS = ["a", "b", "__proto__", "c d"];

const { any: samples } = fc.letrec<{ any: Sample }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    texts,
    numbers,
    others,
    fc
      .tuple(tie("any"), bound)
      .map(([one, most]) =>
        sample(z.array(one.schema).min(1).max(most), fc.array(one.fitting, { maxLength: 4 })),
      ),
    fc
      .tuple(tie("any"), tie("any"))
      .map(([a, b]) => sample(z.union([a.schema, b.schema]), fc.oneof(a.fitting, b.fitting))),
    fc
      .tuple(tie("any"), tie("any"))
      .map(([a, b]) => sample(z.tuple([a.schema], b.schema), fc.tuple(a.fitting, b.fitting, b.fitting))),
    tie("any").map((one) => sample(one.schema.nullable(), fc.option(one.fitting))),
    tie("any").map((one) => sample(one.schema.readonly(), one.fitting)),
    tie("any").map((one) =>
      sample(
        z.lazy(() => one.schema),
        one.fitting,
      ),
    ),
    tie("any").map((one) => sample(one.schema.describe("said"), one.fitting)),
    fc
      .tuple(tie("any"), fc.boolean())
      .map(([one, short]) =>
        sample(
          z.record(short ? z.string().max(1) : z.string(), one.schema),
          fc.dictionary(fc.constantFrom(...KEYS), one.fitting),
        ),
      ),
    fc
      .tuple(tie("any"), tie("any"), fc.constantFrom("strip", "strict", "loose", "rest"))
      .map(([a, b, kind]) => {
        const plain = z.object({ a: a.schema, b: b.schema.optional() });
        const kinds = {
          strip: plain,
          strict: plain.strict(),
          loose: plain.loose(),
          rest: plain.catchall(b.schema),
        };
        // What came from JSON may have any key.
        const fitting = fc
          .tuple(a.fitting, fc.dictionary(fc.constantFrom(...KEYS), b.fitting))
          .map(([first, rest]) => Object.fromEntries([...Object.entries(rest), ["a", first]]));
        return sample(kinds[kind as keyof typeof kinds], fc.oneof(fitting, fc.constant({})));
      }),
  ),
}));

/** JSON as it comes in: never undefined, with no -0. */
const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value ?? null)) as Json;

const MANY = Number(process.env["SPINE_TIMES"] ?? 1);

describe("a schema of zod that was written as data", () => {
  it("accepts the same values and produces the same output", () => {
    fc.assert(
      fc.property(
        samples.chain(({ schema, fitting }) =>
          fc.tuple(fc.constant(schema), fc.oneof({ weight: 4, arbitrary: fitting }, fc.jsonValue())),
        ),
        ([schema, given]) => {
          const value = asJson(given);
          const written = writeSchema(schema);
          if (!("schema" in written)) throw new Error(`${written.field} ${written.problem}`);
          // An interface only lacks the index signature that `Json` asks for.
          const data = unshareJson(shareJson(written.schema as unknown as Json));
          const mine = schemaOfJson(data as typeof written.schema)["~standard"].validate(value);
          if (mine instanceof Promise) throw new Error("waits");
          const its = schema.safeParse(value);
          expect(mine.issues === undefined, JSON.stringify(written.schema)).toBe(its.success);
          if (mine.issues === undefined)
            expect(canonicalJson(asJson(mine.value))).toBe(canonicalJson(asJson(its.data)));
        },
      ),
      { numRuns: 600 * MANY },
    );
  });

  it("runs wherever its author's schema does", () => {
    const tree = z.object({
      name: z.string(),
      get under() {
        return z.array(tree).optional();
      },
    });
    const written = writeSchema(tree);
    const { validate } = schemaOfJson("schema" in written ? written.schema : {})["~standard"];
    const value = { name: "a", under: [{ name: "b", under: [] }] };
    expect(validate(value)).toEqual({ value });
    expect(validate({ name: "a", under: [{ name: "b", under: [{}] }] })).toMatchObject({
      issues: [{ path: ["under", "0", "under", "0", "name"] }],
    });
  });
});
