import { contractOf, type ContractSpec } from "../contract.ts";
import { schemaOfJson, type JsonSchema } from "../json-schema.ts";
import { indexApplication, type Application } from "./application.ts";
import type { HashedFlow } from "./plan.ts";

export interface PackedContract {
  readonly spec: ContractSpec;
  readonly output: JsonSchema;
  readonly signals?: Readonly<Record<string, JsonSchema>>;
}

/** An application as data: compiled, its schemas written as JSON Schema. */
export interface PackedApplication {
  readonly contracts: readonly PackedContract[];
  readonly flows: readonly HashedFlow[];
  readonly events: Readonly<Record<string, JsonSchema>>;
  /** By the wording of their question. */
  readonly answers: Readonly<Record<string, JsonSchema>>;
}

export function unpackApplication({ contracts, flows, events, answers }: PackedApplication): Application {
  return indexApplication({
    contracts: contracts.map(({ spec, output, signals }) =>
      contractOf({
        spec,
        input: undefined,
        output: schemaOfJson(output),
        signals: signals && schemasOf(signals),
      }),
    ),
    flows,
    events: schemasOf(events),
    answers: schemasOf(answers),
  });
}

export const schemasOf = (written: Readonly<Record<string, JsonSchema>>) =>
  Object.fromEntries(Object.entries(written).map(([name, schema]) => [name, schemaOfJson(schema)]));
