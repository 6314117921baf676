/**
 * The properties of one resource, resolved. Whoever provisions it reads each or says why it has no local meaning;
 * `done` then refuses what is left, so that nothing of a template is skipped by accident.
 */
export class Properties {
  readonly owner: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #left: Set<string>;

  constructor(owner: string, values: unknown) {
    if (typeof values !== "object" || values === null || Array.isArray(values)) {
      throw new Error(`${owner}: an object was expected, not ${JSON.stringify(values)}.`);
    }
    this.owner = owner;
    this.#values = { ...values };
    this.#left = new Set(Object.keys(values));
  }

  raw(name: string): unknown {
    this.#left.delete(name);
    return this.#values[name];
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.#missing(name);
  }

  optionalText(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === "string") return value;
    throw this.#wrong(name, "a text", value);
  }

  number(name: string): number {
    return this.optionalNumber(name) ?? this.#missing(name);
  }

  /** CloudFormation takes numbers as texts too. */
  optionalNumber(name: string): number | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const number = typeof value === "string" && value !== "" ? Number(value) : value;
    if (typeof number === "number" && Number.isFinite(number)) return number;
    throw this.#wrong(name, "a number", value);
  }

  flag(name: string): boolean {
    const value = this.raw(name);
    if (value === undefined || value === false || value === "false") return false;
    if (value === true || value === "true") return true;
    throw this.#wrong(name, "true or false", value);
  }

  texts(name: string): readonly string[] {
    return this.#list(name).map((item) => {
      if (typeof item === "string") return item;
      throw this.#wrong(name, "texts", item);
    });
  }

  object(name: string): Properties {
    return this.optionalObject(name) ?? this.#missing(name);
  }

  optionalObject(name: string): Properties | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : new Properties(`${this.owner}.${name}`, value);
  }

  objects(name: string): readonly Properties[] {
    return this.#list(name).map((item, at) => new Properties(`${this.owner}.${name}[${at}]`, item));
  }

  /** Refuses any other value of a property. */
  only<Value extends string>(name: string, ...allowed: readonly Value[]): Value | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const found = allowed.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    throw this.#wrong(name, allowed.join(" or "), value);
  }

  /** Properties that change nothing on one machine, each with the reason. */
  withoutLocalMeaning(reasons: Readonly<Record<string, string>>): void {
    for (const name of Object.keys(reasons)) this.#left.delete(name);
  }

  done(): void {
    if (this.#left.size === 0) return;
    const names = [...this.#left].join(", ");
    throw new Error(`${this.owner} has ${names}, which the local runtime does not understand.`);
  }

  #list(name: string): readonly unknown[] {
    const value = this.raw(name);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value as readonly unknown[];
    throw this.#wrong(name, "a list", value);
  }

  #missing(name: string): never {
    throw new Error(`${this.owner} lacks ${name}.`);
  }

  #wrong(name: string, wanted: string, value: unknown): Error {
    return new Error(`${this.owner}: ${name} must be ${wanted}, not ${JSON.stringify(value)}.`);
  }
}
