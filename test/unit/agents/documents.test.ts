import { describe, expect, it } from "vitest";
import { contentHash, createMemoryDocumentStore } from "#functions/agents/documents/document-store.ts";
import { fill, placeholders } from "#functions/agents/documents/templates.ts";

describe("a template", () => {
  const template = { title: "For {{who}}", text: "{{who}} pays {{price}}" };

  it("names every placeholder once", () => {
    expect(placeholders(template)).toEqual(["who", "price"]);
  });

  it("is filled as a whole or not at all", () => {
    expect(fill(template, { who: "Ada", price: "£5" })).toEqual({
      complete: true,
      title: "For Ada",
      text: "Ada pays £5",
    });
    expect(fill(template, { who: "Ada", price: "" })).toEqual({ complete: false, missing: ["price"] });
  });

  it("does not fill placeholders inside a value, nor interpret its markup", () => {
    expect(fill(template, { who: "{{price}} $& $1", price: "£5" })).toMatchObject({
      text: "{{price}} $& $1 pays £5",
    });
  });
});

describe("the document store", () => {
  it("accepts the same text again and rejects a different one under its key", async () => {
    const store = createMemoryDocumentStore();
    await store.put({ key: "a", text: "one" });
    await store.put({ key: "a", text: "one" });
    await expect(store.put({ key: "a", text: "two" })).rejects.toThrow('"a"');
    expect(store.get("a")).toBe("one");
  });

  it("hashes a text by its UTF-8 bytes", () => {
    expect(contentHash("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
});
