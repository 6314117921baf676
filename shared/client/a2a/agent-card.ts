import type { JsonObject } from "#core/json.ts";
import { A2A_VERSION } from "#core/session/a2a/a2a-words.ts";
import { textWay, type A2aSkill } from "./a2a-skill.ts";

export interface AgentCardOptions {
  readonly name: string;
  readonly version: string;
  /** Of the JSON-RPC interface. */
  readonly url: string;
  readonly skills: readonly A2aSkill[];
}

/** Where the card tells the schemas of skills' data: the protocol has no field for them. */
export const SCHEMAS_EXTENSION = "urn:event-spine-a2a:event-schemas";

const DATA = "application/json";
const TEXT = "text/plain";

/** The card by which clients of A2A 1.0 know what a spine can be asked for. */
export function agentCard({ name, version, url, skills }: AgentCardOptions): JsonObject {
  const schemas = skills.flatMap(({ type, schema }) =>
    schema === undefined ? [] : [[type, schema] as const],
  );
  const takesText = skills.every(({ schema }) => textWay(schema) !== undefined);
  return {
    name,
    description: `Starts flows of ${name} by their events, and asks and answers as their agents and people do.`,
    version,
    supportedInterfaces: [{ url, protocolBinding: "JSONRPC", protocolVersion: A2A_VERSION }],
    capabilities: {
      streaming: true,
      pushNotifications: false,
      extendedAgentCard: false,
      extensions: [
        {
          uri: SCHEMAS_EXTENSION,
          description: "JSON Schema of the data of each skill, by the skill's id.",
          required: false,
          params: Object.fromEntries(schemas),
        },
      ],
    },
    securitySchemes: { token: { httpAuthSecurityScheme: { scheme: "Bearer" } } },
    securityRequirements: [{ schemes: { token: { list: [] } } }],
    defaultInputModes: takesText ? [DATA, TEXT] : [DATA],
    defaultOutputModes: [DATA, TEXT],
    skills: skills.map(({ type, flows, schema }) => ({
      id: type,
      name: type,
      description: `Sends the event ${type}, which starts ${flows.join(" and ")}.`,
      tags: [...flows],
      inputModes: textWay(schema) === undefined ? [DATA] : [DATA, TEXT],
    })),
  };
}
