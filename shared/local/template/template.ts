import type { Addresses } from "../addresses.ts";
import type { RawResource, Stack } from "./cloud-assembly.ts";
import { identify, type Identity } from "./identity.ts";
import { Properties } from "./properties.ts";
import { resolveValue, type Scope } from "./resolve-value.ts";

export interface Resource {
  /** Stack and logical id, as errors name it. */
  readonly path: string;
  readonly type: string;
  readonly identity: Identity;
  /** Whether it stays when the template has it no more. */
  readonly retained: boolean;
  /** Each call starts a new reading. */
  properties(): Properties;
}

export interface Template {
  readonly resources: readonly Resource[];
  /** By `Stack.Output`. */
  readonly outputs: Readonly<Record<string, string>>;
  /** The folder of a code asset. */
  asset(key: string): string | undefined;
}

/** The stacks of an assembly as one template whose references are resolved; names clash as they would in an account. */
export function readTemplate(stacks: readonly Stack[], addresses: Addresses): Template {
  const identities = new Map<string, Identity>();

  const scopeOf = (stack: Stack, owner: string): Scope => ({
    owner,
    pseudo: {
      "AWS::AccountId": addresses.account,
      "AWS::Region": addresses.region,
      "AWS::Partition": "aws",
      "AWS::URLSuffix": "amazonaws.com",
      "AWS::StackName": stack.name,
    },
    ref: (logicalId) => identityOf(stack, logicalId, owner).ref,
    attribute: (logicalId, name) => {
      const value = identityOf(stack, logicalId, owner).attributes[name];
      if (value === undefined) throw new Error(`${owner}: ${logicalId} has no attribute ${name} here.`);
      return value;
    },
    importValue: (exportName) => {
      for (const exporting of stacks) {
        for (const [id, output] of exporting.outputs) {
          const scope = scopeOf(exporting, `${exporting.name}/${id}`);
          if (resolveValue(output.exportName, scope) === exportName)
            return String(resolveValue(output.value, scope));
        }
      }
      throw new Error(`${owner}: no stack exports ${exportName}.`);
    },
  });

  const propertiesOf = (stack: Stack, path: string, raw: RawResource): Properties =>
    new Properties(`${path} (${raw.type})`, resolveValue(raw.properties, scopeOf(stack, path)));

  /** Names may refer to other resources' names, so identities are made when they are asked for. */
  function identityOf(stack: Stack, logicalId: string, owner: string): Identity {
    const path = `${stack.name}/${logicalId}`;
    const known = identities.get(path);
    if (known !== undefined) return known;
    const raw = stack.resources.get(logicalId);
    if (raw === undefined) throw new Error(`${owner} refers to ${logicalId}, which the stack does not have.`);
    const property = (name: string) => resolveValue(raw.properties[name], scopeOf(stack, path));
    const identity = identify({ path, type: raw.type, stack: stack.name, logicalId, property }, addresses);
    identities.set(path, identity);
    return identity;
  }

  const resources = stacks.flatMap((stack) =>
    [...stack.resources].map(([logicalId, raw]): Resource => {
      const path = `${stack.name}/${logicalId}`;
      return {
        path,
        type: raw.type,
        identity: identityOf(stack, logicalId, path),
        retained: raw.deletionPolicy?.startsWith("Retain") === true,
        properties: () => propertiesOf(stack, path, raw),
      };
    }),
  );
  refuseTwins(resources);
  const outputs = stacks.flatMap((stack) =>
    [...stack.outputs].map(([id, { value }]) => {
      const name = `${stack.name}.${id}`;
      return [name, String(resolveValue(value, scopeOf(stack, name)))] as const;
    }),
  );
  const assets = new Map(stacks.flatMap((stack) => [...stack.assets]));
  return { resources, outputs: Object.fromEntries(outputs), asset: (key) => assets.get(key) };
}

function refuseTwins(resources: readonly Resource[]): void {
  const owners = new Map<string, string>();
  for (const { type, identity, path } of resources) {
    const key = `${type} ${identity.ref}`;
    const other = owners.get(key);
    if (other !== undefined) throw new Error(`${path} and ${other} are both named ${identity.ref}.`);
    owners.set(key, path);
  }
}
