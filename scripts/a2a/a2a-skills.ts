import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { A2aSkill } from "#client/a2a/a2a-skill.ts";
import type { ApplicationDefinition } from "#core/flow/compile.ts";
import type { JsonObject } from "#core/json.ts";
import { applicationFacts } from "../documents/application-facts.ts";
import { jsonSchemaOf } from "../documents/schema-shelf.ts";

/** What an application can be asked for over A2A. */
export interface A2aOffer {
  /** A skill for each event that starts a flow. */
  readonly skills: readonly A2aSkill[];
  /** The JSON Schema of the answer to a question of this wording, where the application has one. */
  readonly schemaOf: (question: string) => JsonObject | undefined;
}

export function a2aOffer(definition: ApplicationDefinition): A2aOffer {
  const { events, questions } = applicationFacts(definition);
  const answers = new Map(questions.map(({ wording, schema }) => [wording, schema]));
  return {
    skills: events
      .filter(({ flows }) => flows.length > 0)
      .map(({ type, flows, schema }) => ({
        type,
        flows: flows.map(({ name }) => name),
        ...(schema !== undefined && { schema: plainSchema(schema) }),
      })),
    schemaOf: (question) => {
      const schema = answers.get(question);
      return schema && plainSchema(schema);
    },
  };
}

function plainSchema(schema: StandardSchemaV1): JsonObject {
  const { $schema: _, ...plain } = jsonSchemaOf(schema, "draft-2020-12");
  return plain;
}
