import fc from "fast-check";

/** Expressions of every form, most of which have no value: their types do not fit. */
const untyped: fc.Arbitrary<string> = fc.letrec<{ any: string }>((tie) => {
  const any = tie("any");
  const binary = fc
    .tuple(any, fc.constantFrom("==", "!=", "<", ">=", "+", "-", "*", "/", "%", "in", "&&", "||"), any)
    .map(([a, operator, b]) => `(${a} ${operator} ${b})`);
  const loop = fc
    .tuple(
      any,
      fc.constantFrom("all", "exists", "exists_one", "map", "filter"),
      fc.constantFrom("i", "j"),
      any,
    )
    .map(([list, name, variable, body]) => `(${list}).${name}(${variable}, ${body})`);
  const method = fc
    .tuple(
      any,
      fc.constantFrom("contains", "startsWith", "endsWith", "indexOf", "lastIndexOf", "split", "join"),
      any,
    )
    .map(([on, name, by]) => `(${on}).${name}(${by})`);
  const short = fc
    .tuple(
      any,
      fc.constantFrom("lowerAscii", "upperAscii", "trim", "size", "join", "hex", "base64", "string"),
    )
    .map(([on, name]) => `(${on}).${name}()`);
  const call = fc
    .tuple(
      fc.constantFrom("size", "string", "int", "double", "bool", "bytes", "type", "dyn", "duration"),
      any,
    )
    .map(([name, of]) => `${name}(${of})`);
  const built = fc.oneof(
    fc.array(any, { maxLength: 2 }).map((items) => `[${items.join(", ")}]`),
    any.map((value) => `{"k": ${value}, "l": 1}`),
    fc.tuple(any, any).map(([key, value]) => `{${key}: ${value}}`),
  );
  return {
    any: fc.oneof(
      { depthSize: "small", maxDepth: 4, withCrossShrink: true },
      fc.constantFrom("input.text", "input.list", "input.number", "input.object", "input.tags", "i", "j"),
      fc.constantFrom("1", "0.5", '"a"', "true", "null", "input.no", "input.deep", '"1s"', "input.one"),
      binary,
      loop,
      method,
      short,
      call,
      built,
      any.map((of) => `(${of})[0]`),
      any.map((of) => `(${of}).k`),
      any.map((of) => `!(${of})`),
      any.map((of) => `-(${of})`),
      fc.tuple(any, any, any).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
      fc.constant("has(input.text)"),
    ),
  };
}).any;

/** Expressions whose types fit, so that they go as far as they can. */
const typed: fc.Arbitrary<string> = fc.letrec<
  Record<"text" | "number" | "truth" | "texts" | "numbers" | "any", string>
>((tie) => {
  const text = tie("text");
  const texts = tie("texts");
  const both = (a: fc.Arbitrary<string>, operators: readonly string[], b: fc.Arbitrary<string>) =>
    fc.tuple(a, fc.constantFrom(...operators), b).map(([one, by, other]) => `(${one} ${by} ${other})`);
  const method = (
    on: fc.Arbitrary<string>,
    names: readonly string[],
    ...args: readonly fc.Arbitrary<string>[]
  ) =>
    fc
      .tuple(on, fc.constantFrom(...names), fc.tuple(...args))
      .map(([value, name, given]) => `(${value}).${name}(${given.join(", ")})`);
  const depth = { depthSize: "small", maxDepth: 5 } as const;
  const named = (name: string) => fc.constant(name);
  return {
    text: fc.oneof(
      depth,
      fc.constantFrom("input.text", '"a"', '"ab"', "input.tags[0]", "input.one"),
      both(text, ["+"], text),
      method(text, ["lowerAscii", "upperAscii", "trim"]),
      method(texts, ["join"], text),
      tie("number").map((of) => `string(${of})`),
      method(
        text.map((of) => `bytes(${of})`),
        ["hex", "base64", "string"],
      ),
      fc.tuple(tie("truth"), text, text).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
    ),
    number: fc.oneof(
      depth,
      fc.constantFrom("input.number", "1", "2"),
      fc.oneof(text, texts, named("input.object"), named("input.deep")).map((of) => `size(${of})`),
      method(text, ["indexOf", "lastIndexOf"], text),
    ),
    truth: fc.oneof(
      depth,
      method(text, ["contains", "startsWith", "endsWith"], text),
      both(text, ["==", "<", "!=", ">="], text),
      both(text, ["in"], texts),
      both(tie("any"), ["==", "!="], tie("any")),
      both(tie("truth"), ["&&", "||"], tie("truth")),
      method(
        texts,
        ["all", "exists", "exists_one"],
        named("t"),
        fc.oneof(tie("truth"), both(text, ["==", "<"], named("t")), method(text, ["contains"], named("t"))),
      ),
      method(
        tie("numbers"),
        ["all", "exists", "exists_one"],
        named("n"),
        both(tie("number"), ["<", "=="], named("n")),
      ),
    ),
    texts: fc.oneof(
      depth,
      fc.constantFrom("input.tags", "input.object.map(k, k)"),
      method(text, ["split"], text),
      both(texts, ["+"], texts),
      method(texts, ["filter"], named("t"), tie("truth")),
      method(texts, ["map"], named("t"), both(text, ["+"], named("t"))),
      method(tie("numbers"), ["map"], named("n"), text),
    ),
    numbers: fc.oneof(depth, named("input.numbers"), method(texts, ["map"], named("t"), tie("number"))),
    any: fc.oneof(
      depth,
      text,
      texts,
      tie("number"),
      tie("numbers"),
      tie("truth"),
      fc.constantFrom("input", "input.deep", "input.object", "input.list"),
      fc.tuple(text, tie("any")).map(([key, value]) => `{${key}: ${value}, "id": 1}`),
      fc.tuple(tie("any"), tie("any")).map(([one, other]) => `[${one}, ${other}]`),
      method(texts, ["map"], named("t"), tie("any")),
      method(tie("numbers"), ["map"], named("n"), tie("any")),
    ),
  };
}).any;

/** Whatever an author may write, of what `input` has. */
export const expression: fc.Arbitrary<string> = fc
  .oneof({ weight: 1, arbitrary: untyped }, { weight: 2, arbitrary: typed })
  .filter((text) => text.length < 900);
