import type { Named } from "../metrics/known-metrics.ts";
import type { Resource } from "../template/template.ts";
import { lastPart, type Site } from "./site.ts";

/** What there is in a provisioned template that a metric's dimensions may name. */
export function namedIn({ queues, functions, tables, machines, template }: Site): Named {
  const has = (type: string, matches: (property: (name: string) => unknown) => boolean): boolean =>
    template.resources.some((resource) => resource.type === type && matches(reader(resource)));
  const isNamed = (arn: unknown, name: string) => lastPart(String(arn)) === name;
  return {
    hasQueue: (name) => queues.byName(name) !== undefined,
    hasFunction: (name) => functions.has(name),
    readsStream: (name) =>
      has(
        "AWS::Lambda::EventSourceMapping",
        (property) =>
          String(property("EventSourceArn")).startsWith("arn:aws:dynamodb:") &&
          isNamed(property("FunctionName"), name),
      ),
    hasUrl: (name) => has("AWS::Lambda::Url", (property) => isNamed(property("TargetFunctionArn"), name)),
    hasTable: (name) => tables.has(name),
    hasMachine: (arn) => machines.has(arn),
    hasRule: (rule, bus) =>
      has("AWS::Events::Rule", (property) => property("Name") === rule && property("EventBusName") === bus),
  };
}

const reader = (resource: Resource): ((name: string) => unknown) => {
  const properties = resource.properties();
  return (name) => properties.raw(name);
};
