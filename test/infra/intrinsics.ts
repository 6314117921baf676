import type { TemplateJson } from "./fixture.ts";

/** Where a resource's physical name stands, and the service and kind in its ARN. */
const NAMED: Readonly<Record<string, readonly [property: string, service: string, before: string]>> = {
  "AWS::SQS::Queue": ["QueueName", "sqs", ""],
  "AWS::Lambda::Function": ["FunctionName", "lambda", "function:"],
  "AWS::Events::EventBus": ["Name", "events", "event-bus/"],
};

/**
 * A template's value with its intrinsics replaced by readable text. A resource with a physical name gets the same ARN
 * whether the template refers to it or spells it out; any other is named by its kind.
 */
export function readable(template: TemplateJson, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => readable(template, item));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined) {
    const [name, argument] = first;
    if (name === "Ref") return reference(template, String(argument));
    if (name === "Fn::GetAtt") {
      const [id, attribute] = argument as readonly [string, string];
      return attributeOf(template, id, attribute);
    }
    if (name === "Fn::Join") {
      const [separator, parts] = argument as readonly [string, readonly unknown[]];
      return parts.map((part) => String(readable(template, part))).join(separator);
    }
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, readable(template, item)]));
}

function reference(template: TemplateJson, id: string): string {
  if (id.startsWith("AWS::")) return id.slice("AWS::".length).toLowerCase();
  const resource = template.Resources[id];
  const named = resource && NAMED[resource.Type];
  if (named === undefined) return kindOf(template, id);
  return String(resource?.Properties?.[named[0]]);
}

function attributeOf(template: TemplateJson, id: string, attribute: string): string {
  const resource = template.Resources[id];
  const named = resource && NAMED[resource.Type];
  if (named !== undefined && attribute === named[0]) return String(resource?.Properties?.[attribute]);
  if (named === undefined || attribute !== "Arn") return `${kindOf(template, id)}.${attribute}`;
  const [property, service, before] = named;
  return `arn:partition:${service}:region:accountid:${before}${String(resource?.Properties?.[property])}`;
}

/** `table` for AWS::DynamoDB::Table, `sessions` for the list of them; roles, rules and state machines by their logical id, since there are many. */
function kindOf(template: TemplateJson, id: string): string {
  const type = template.Resources[id]?.Type ?? "?";
  // The list of sessions, beside the log.
  if (/SessionsTable[0-9A-F]{8}$/.test(id)) return "sessions";
  const kind = type.slice(type.lastIndexOf(":") + 1).toLowerCase();
  return ["role", "rule", "loggroup", "statemachine"].includes(kind)
    ? `${kind}:${id.replace(/[0-9A-F]{8}$/, "")}`
    : kind;
}
