/** What a template's functions are resolved against. */
export interface Scope {
  /** Names the resource in errors. */
  readonly owner: string;
  readonly pseudo: Readonly<Record<string, string>>;
  ref(logicalId: string): string;
  attribute(logicalId: string, name: string): string;
  importValue(exportName: string): string;
}

/** Replaces CloudFormation's functions by their values. One that it does not know is an error that names the resource. */
export function resolveValue(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveValue(item, scope));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value) as readonly (readonly [string, unknown])[]; // values are looked at one by one
  const [first] = entries;
  if (first !== undefined && (first[0] === "Ref" || first[0].startsWith("Fn::"))) {
    if (entries.length > 1) throw new Error(`${scope.owner}: ${first[0]} stands beside other fields.`);
    return resolveFunction(first[0], first[1], scope);
  }
  return Object.fromEntries(entries.map(([name, item]) => [name, resolveValue(item, scope)]));
}

function resolveFunction(name: string, argument: unknown, scope: Scope): unknown {
  switch (name) {
    case "Ref":
      return reference(textOf(argument, name, scope), scope);
    case "Fn::GetAtt": {
      const [logicalId = "", ...attribute] =
        typeof argument === "string" ? argument.split(".") : textsOf(argument, name, scope);
      return scope.attribute(logicalId, attribute.join("."));
    }
    case "Fn::Join": {
      const [separator, items] = listOf(argument, name, scope);
      const texts = textsOf(resolveValue(items, scope), name, scope);
      return texts.join(textOf(separator, name, scope));
    }
    case "Fn::Split": {
      const [separator, text] = listOf(argument, name, scope);
      return textOf(resolveValue(text, scope), name, scope).split(textOf(separator, name, scope));
    }
    case "Fn::Select": {
      const [index, items] = listOf(argument, name, scope);
      const chosen = listOf(resolveValue(items, scope), name, scope)[Number(index)];
      if (chosen === undefined)
        throw new Error(`${scope.owner}: Fn::Select finds nothing at ${String(index)}.`);
      return resolveValue(chosen, scope);
    }
    case "Fn::Sub":
      return substitute(argument, scope);
    case "Fn::ImportValue":
      return scope.importValue(textOf(resolveValue(argument, scope), name, scope));
    default:
      throw new Error(`${scope.owner}: the local runtime does not understand ${name}.`);
  }
}

function substitute(argument: unknown, scope: Scope): string {
  const [text, variables = {}] = Array.isArray(argument) ? (argument as readonly unknown[]) : [argument];
  const own = resolveValue(variables, scope) as Readonly<Record<string, unknown>>; // an object stays one
  return textOf(text, "Fn::Sub", scope).replace(
    /\$\{(!?)([^}]+)\}/g,
    (_match, literal: string, name: string) => {
      if (literal === "!") return `\${${name}}`;
      if (own[name] !== undefined) return String(own[name]);
      const [logicalId = "", ...attribute] = name.split(".");
      return attribute.length === 0
        ? reference(name, scope)
        : scope.attribute(logicalId, attribute.join("."));
    },
  );
}

function reference(name: string, scope: Scope): string {
  const pseudo = scope.pseudo[name];
  if (pseudo !== undefined) return pseudo;
  if (name.startsWith("AWS::"))
    throw new Error(`${scope.owner}: the local runtime does not understand ${name}.`);
  return scope.ref(name);
}

function listOf(value: unknown, name: string, { owner }: Scope): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw new Error(`${owner}: ${name} takes a list, not ${JSON.stringify(value)}.`);
}

function textsOf(value: unknown, name: string, scope: Scope): readonly string[] {
  return listOf(value, name, scope).map((item) => textOf(item, name, scope));
}

function textOf(value: unknown, name: string, { owner }: Scope): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new Error(`${owner}: ${name} takes a text, not ${JSON.stringify(value)}.`);
}
