import { hash } from "node:crypto";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { compileApplication, contractsOf, type ApplicationDefinition } from "#core/flow/application.ts";
import { answersIn } from "#core/flow/built-contracts.ts";
import { schemasOf, type PackedApplication } from "#core/flow/packed-application.ts";
import type { JsonSchema } from "#core/json-schema.ts";
import { writeSchema } from "./write-schema.ts";

/** A schema that data cannot say. */
export interface CodeSchema {
  /** Such as `agents/sentiment output`. */
  readonly of: string;
  /** Of its value; empty for the whole. */
  readonly field: string;
  readonly problem: string;
}

/** An application as data, or the schemas for which functions must carry its code. */
export type Packed =
  | { readonly type: "data"; readonly application: PackedApplication }
  | { readonly type: "code"; readonly schemas: readonly CodeSchema[] };

/**
 * Makes data of an application that was checked: functions load it without the libraries that its schemas were written with.
 * All of it or nothing: where one schema needs its code, its library is there for all.
 */
export function packApplication(definition: ApplicationDefinition): Packed {
  const schemas: CodeSchema[] = [];
  const written = (of: string, schema: StandardSchemaV1): JsonSchema => {
    const result = writeSchema(schema);
    if ("schema" in result) return result.schema;
    schemas.push({ of, ...result });
    return {};
  };
  const contracts = contractsOf(definition);
  const events = Object.entries(definition.events ?? {}).map(
    ([type, schema]) => [type, written(`events/${type}`, schema)] as const,
  );
  const answers = [...answersIn(definition.flows)].flatMap(([question, [schema]]) =>
    schema === undefined ? [] : [[question, written(`the answer to "${question}"`, schema)] as const],
  );
  const specs = contracts.map(({ spec, output, signals }) => {
    const told = Object.entries(signals ?? {}).map(
      ([name, schema]) => [name, written(`agents/${spec.name} signals.${name}`, schema)] as const,
    );
    return {
      spec,
      output: written(`agents/${spec.name} output`, output),
      ...(told.length > 0 && { signals: Object.fromEntries(told) }),
    };
  });
  if (schemas.length > 0) return { type: "code", schemas };
  const eventData = Object.fromEntries(events);
  // Schemas of events that a flow waits for are part of its hash.
  const { flows } = compileApplication({ ...definition, events: schemasOf(eventData) }, { sha256 });
  return {
    type: "data",
    application: { contracts: specs, flows, events: eventData, answers: Object.fromEntries(answers) },
  };
}

/** As functions digest. */
const sha256 = (text: string): string => hash("sha256", text, "base64url");
