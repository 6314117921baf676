import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EVERY_TENANT, givenTo, readByTenant, type ReadValue } from "#core/by-tenant.ts";
import { isSpineError } from "#core/errors.ts";
import { parseTenantId } from "#core/ids.ts";

const tenants = fc
  .oneof(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,20}$/), fc.constantFrom("constructor", "toString"))
  .map(parseTenantId);

const readWhole: ReadValue<number> = (value) =>
  Number.isInteger(value) ? { value: Number(value) } : { problem: "is no number", repair: "Give one." };

describe("what a tenant is given", () => {
  it("is its own, else that of every tenant, else nothing, however the tenant is named", () => {
    fc.assert(
      fc.property(fc.dictionary(tenants, fc.nat()), fc.option(fc.nat()), tenants, (own, all, tenant) => {
        const given = { ...own, ...(all !== null && { [EVERY_TENANT]: all }) };
        const expected = Object.hasOwn(own, tenant) ? own[tenant] : (all ?? undefined);
        expect(givenTo(readByTenant("given", given, readWhole), tenant)).toBe(expected);
      }),
    );
  });

  it("is refused with field, problem and repair of everything that is wrong", () => {
    try {
      readByTenant("given", { "*": 1, "a b": 2, acme: "x", shop: 1.5 }, readWhole);
      expect.unreachable();
    } catch (error) {
      expect(isSpineError(error, "setting.invalid") && error.problems).toEqual([
        {
          field: "given.a b",
          problem: "names no tenant",
          repair: expect.stringContaining("letters") as string,
        },
        { field: "given.acme", problem: "is no number", repair: "Give one." },
        { field: "given.shop", problem: "is no number", repair: "Give one." },
      ]);
      expect(String(error)).toContain("given.acme is no number. Give one.\ngiven.shop is no number.");
    }
    for (const given of [undefined, null, [], "x", 5])
      expect(() => readByTenant("given", given, readWhole)).toThrow(/given is no object\. Write values/);
  });
});
