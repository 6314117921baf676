/** A value that is made at its first use, and made again if that failed. */
export function onDemand<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/** A port of which every part is a function that answers later. */
type Late<Port> = { readonly [Name in keyof Port]: (...given: never[]) => Promise<unknown> };

/**
 * A port whose adapter is loaded at the first call of any of its methods, which are all named in `methods`: a proxy, which needs no
 * names, is nothing that one can spread or await.
 */
export function loadedOnFirstUse<Port extends Late<Port>>(
  methods: Readonly<Record<keyof Port, true>>,
  load: () => Promise<Port>,
): Port {
  const loaded = onDemand(load);
  const late =
    (name: keyof Port) =>
    async (...given: never[]) =>
      (await loaded())[name](...given);
  // Each method has the type of the adapter's own, to which it hands what it is given.
  return Object.fromEntries(Object.keys(methods).map((name) => [name, late(name as keyof Port)])) as Port;
}
