import type { JsonObject } from "#core/json.ts";
import { METHODS, PATHS, rightFor, routeOf, type Resource } from "#runtime/doors/http/route.ts";
import type { ApplicationFacts } from "./application-facts.ts";
import type { DocumentTitle } from "./asyncapi-document.ts";
import { answerMessage, eventMessage } from "./event-message.ts";
import { BODIES, PARAMETERS, SCHEMAS, SUMMARIES } from "./http-operations.ts";
import { componentName, SchemaShelf } from "./schema-shelf.ts";

/**
 * The HTTP API of an application's spine as an OpenAPI 3.1 document: its paths are those that the ingress knows, its events, replies and
 * answers those of the application.
 */
export function openApiDocument(facts: ApplicationFacts, { title, version }: DocumentTitle): JsonObject {
  const shelf = new SchemaShelf("draft-2020-12");
  for (const [name, schema] of Object.entries(SCHEMAS)) shelf.putJson(name, schema);
  const bodies: Readonly<Record<string, JsonObject>> = {
    ...BODIES,
    "post events": oneOfEvents(shelf, facts),
    "post ask": answerMessage(
      anyOf(
        facts.questions.map(({ wording, schema }, at) => ({
          ...shelf.put(`question-${at + 1}.value`, schema),
          description: wording,
        })),
      ),
    ),
  };
  const replied = repliedSchema(shelf, facts);
  const paths = PATHS.map((path) => {
    const resource = routeOf(path.replaceAll(/\{(\w+)\}/g, "$1"))?.resource;
    if (resource === undefined) throw new Error(`Nobody answers ${path}.`);
    const methods = METHODS[resource].map((method) => [
      method.toLowerCase(),
      operationOf(path, resource, method, { bodies, replied }),
    ]);
    return [path, Object.fromEntries(methods) as JsonObject] as const;
  });
  return {
    openapi: "3.1.0",
    info: { title, version, description: "Written by `event-spine documents`. See docs/http.md." },
    servers: [
      { url: "https://ingress.example", description: "In its place: the stack's output IngressUrl." },
    ],
    security: [{ sigv4: [] }],
    paths: Object.fromEntries(paths),
    components: {
      schemas: shelf.all(),
      securitySchemes: {
        sigv4: {
          type: "apiKey",
          in: "header",
          name: "Authorization",
          description: "AWS Signature Version 4 of the service lambda.",
          "x-amazon-apigateway-authtype": "awsSigv4",
        },
      },
    },
  };
}

function oneOfEvents(shelf: SchemaShelf, { events }: ApplicationFacts): JsonObject {
  const schemas = events.map(({ type, schema }) => {
    const name = componentName(type);
    const data = schema === undefined ? undefined : shelf.put(`${name}.data`, schema);
    return [type, shelf.putJson(name, eventMessage(type, data))] as const;
  });
  const mapping = Object.fromEntries(schemas.map(([type, { $ref = null }]) => [type, $ref]));
  return { oneOf: schemas.map(([, schema]) => schema), discriminator: { propertyName: "type", mapping } };
}

/** Any value, where there is nothing to choose between. */
const anyOf = (schemas: readonly JsonObject[]): JsonObject =>
  schemas.length === 0 ? {} : { anyOf: schemas };

function repliedSchema(shelf: SchemaShelf, { events }: ApplicationFacts): JsonObject {
  const replies = events.flatMap(({ flows }) =>
    flows.map(({ name, replies: schema }) => shelf.put(`${componentName(name)}.reply`, schema)),
  );
  return shelf.putJson("Replied", {
    allOf: [{ $ref: "#/components/schemas/Accepted" }],
    type: "object",
    required: ["reply"],
    properties: {
      reply: {
        type: "object",
        required: ["sequence", "body"],
        properties: { sequence: { type: "integer" }, body: {}, failed: { const: true } },
        if: { required: ["failed"] },
        then: { properties: { body: { $ref: "#/components/schemas/Failure" } } },
        else: { properties: { body: anyOf(replies) } },
      },
    },
  });
}

interface Content {
  readonly bodies: Readonly<Record<string, JsonObject>>;
  readonly replied: JsonObject;
}

const json = (schema: JsonObject): JsonObject => ({ "application/json": { schema } });

function operationOf(
  path: string,
  resource: Resource,
  method: string,
  { bodies, replied }: Content,
): JsonObject {
  const key = `${method.toLowerCase()} ${resource}`;
  const body = bodies[key];
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  return {
    operationId: key.replaceAll(/ (\w)/g, (_, letter: string) => letter.toUpperCase()),
    summary: SUMMARIES[key] ?? key,
    description: `Needs the right to ${rightFor({ resource, session: "", part: "" }, method)}.`,
    parameters: [...inPath, ...(PARAMETERS[key] ?? [])],
    ...(body !== undefined && { requestBody: { required: true, content: json(body) } }),
    responses: {
      ...responsesOf(key, replied),
      default: {
        description: "What is refused, and how to repair it.",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

function responsesOf(key: string, replied: JsonObject): JsonObject {
  const accepted = {
    description: "Accepted, with its sequence in the log.",
    content: json({ $ref: "#/components/schemas/Accepted" }),
  };
  if (key === "post events" || key === "post ask")
    return {
      "200": { description: "With the reply, that came in time.", content: json(replied) },
      "202": accepted,
    };
  if (key === "post commands" || key === "post signals") return { "202": accepted };
  if (key === "post forks")
    return {
      "200": { description: "With preview: what would be reused.", content: json({ type: "object" }) },
      "202": { description: "What is reused, and what runs anew.", content: json({ type: "object" }) },
    };
  if (key === "get events")
    return {
      "200": {
        description: "A page of events, or a stream of them.",
        content: {
          ...json({ type: "array", items: { $ref: "#/components/schemas/CloudEvent" } }),
          "text/event-stream": { schema: { type: "string" } },
        },
      },
    };
  return { "200": { description: SUMMARIES[key] ?? key, content: json({ type: "object" }) } };
}
