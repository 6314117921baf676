import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** A resource as the template has it, nothing resolved. */
export interface RawResource {
  readonly type: string;
  readonly deletionPolicy?: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface Stack {
  readonly name: string;
  readonly resources: ReadonlyMap<string, RawResource>;
  readonly outputs: ReadonlyMap<string, { readonly value: unknown; readonly exportName: unknown }>;
  /** Folders of the stack's assets, by the S3 key that the template names. */
  readonly assets: ReadonlyMap<string, string>;
}

type Json = Readonly<Record<string, unknown>>;

/** What a template may have beside resources. */
const TEMPLATE_FIELDS = [
  "AWSTemplateFormatVersion",
  "Description",
  "Metadata",
  "Resources",
  "Outputs",
  "Parameters",
  "Rules",
];
/** The CDK adds both for its bootstrap stack, which only a deployment needs. */
const BOOTSTRAP: Json = { Parameters: ["BootstrapVersion"], Rules: ["CheckBootstrapVersion"] };
/** On one machine nothing is updated or replaced, and what depends on what follows from the references. */
const RESOURCE_FIELDS = [
  "Type",
  "Properties",
  "Metadata",
  "DependsOn",
  "DeletionPolicy",
  "UpdateReplacePolicy",
];

/** Reads the stacks of a folder that `cdk synth` wrote. */
export function readAssembly(folder: string): readonly Stack[] {
  const manifest = readJson(join(folder, "manifest.json"));
  const stacks = Object.entries(objectOf(manifest["artifacts"], "manifest.json")).flatMap(
    ([name, artifact]) => {
      const { type, properties } = objectOf(artifact, name);
      if (type !== "aws:cloudformation:stack") return [];
      const file = objectOf(properties, name)["templateFile"];
      return [readStack(folder, name, String(file))];
    },
  );
  if (stacks.length === 0) throw new Error(`${folder} holds no stack.`);
  return stacks;
}

function readStack(folder: string, name: string, templateFile: string): Stack {
  const template = readJson(join(folder, templateFile));
  refuseOthers(Object.keys(template), TEMPLATE_FIELDS, `${name}: the template`);
  for (const [section, known] of Object.entries(BOOTSTRAP)) {
    refuseOthers(
      Object.keys(objectOf(template[section] ?? {}, name)),
      known as string[],
      `${name}: ${section}`,
    ); // the lists above
  }
  const resources = Object.entries(objectOf(template["Resources"], name)).map(([id, value]) => {
    const resource = objectOf(value, `${name}/${id}`);
    refuseOthers(Object.keys(resource), RESOURCE_FIELDS, `${name}/${id}`);
    const properties = objectOf(resource["Properties"] ?? {}, `${name}/${id}`);
    const deletionPolicy = resource["DeletionPolicy"];
    const raw = {
      type: String(resource["Type"]),
      properties,
      ...(deletionPolicy !== undefined && { deletionPolicy: String(deletionPolicy) }),
    };
    return [id, raw] as const;
  });
  const outputs = Object.entries(objectOf(template["Outputs"] ?? {}, name)).map(([id, value]) => {
    const { Value, Export } = objectOf(value, `${name}/${id}`);
    return [
      id,
      { value: Value, exportName: Export === undefined ? undefined : objectOf(Export, id)["Name"] },
    ] as const;
  });
  return { name, resources: new Map(resources), outputs: new Map(outputs), assets: readAssets(folder, name) };
}

function readAssets(folder: string, stack: string): ReadonlyMap<string, string> {
  const { files } = readJson(join(folder, `${stack}.assets.json`));
  const entries = Object.values(objectOf(files, stack)).flatMap((file) => {
    const { source, destinations } = objectOf(file, stack);
    const { path, packaging } = objectOf(source, stack);
    if (packaging !== "zip") return [];
    return Object.values(objectOf(destinations, stack)).map((destination) => {
      const key = objectOf(destination, stack)["objectKey"];
      return [String(key), resolve(folder, String(path))] as const;
    });
  });
  return new Map(entries);
}

function refuseOthers(names: readonly string[], known: readonly string[], owner: string): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`${owner} has ${unknown.join(", ")}, which the local runtime does not understand.`);
}

function readJson(path: string): Json {
  return objectOf(JSON.parse(readFileSync(path, "utf8")), path);
}

function objectOf(value: unknown, owner: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new Error(`${owner}: an object was expected, not ${JSON.stringify(value)}.`);
}
