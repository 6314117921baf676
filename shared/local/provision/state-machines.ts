import { randomKeyId, randomSecret } from "../signing/access-key.ts";
import { readDefinition } from "../states/definition.ts";
import { createInterpreter } from "../states/interpreter.ts";
import { createServiceCalls, requireKnownCalls } from "../states/service-calls.ts";
import type { Properties } from "../template/properties.ts";
import type { Resource } from "../template/template.ts";
import { localUrls, type Site } from "./site.ts";

/** A state machine, and the caller that its role is at the other endpoints. */
export function provisionStateMachine(resource: Resource, site: Site): void {
  const properties = resource.properties();
  const arn = resource.identity.ref;
  const role = site.roles.get(properties.text("RoleArn"));
  if (role === undefined) throw new Error(`${resource.path}: its role is not in the template.`);
  properties.only("StateMachineType", "STANDARD");
  const definition = readDefinition(definitionOf(properties, site), resource.path);
  requireKnownCalls(definition, resource.path);
  properties.withoutLocalMeaning({
    StateMachineName: "it is part of the state machine's identity",
    LoggingConfiguration: "failed executions are reported to the caller of the local runtime",
    TracingConfiguration: "nothing collects traces",
    Tags: "there is no billing here",
  });
  properties.done();

  const name = resource.identity.attributes["Name"] ?? "";
  const credentials = { accessKeyId: randomKeyId(), secretAccessKey: randomSecret(), sessionToken: arn };
  site.access.addCaller(
    { ...credentials, now: Date.now },
    {
      name,
      principal: { type: "identity", arn: role.arn, policies: role.policies },
    },
  );
  const call = createServiceCalls({ endpoints: site.endpoints, credentials, region: site.addresses.region });
  const run = createInterpreter(definition, { clock: site.clock, call });
  site.machines.set(arn, { arn, name, roleArn: role.arn, run });
}

/** The definition with its substitutions, as text or as an object. */
function definitionOf(properties: Properties, site: Site): unknown {
  const substitutions = properties.optionalObject("DefinitionSubstitutions");
  const text = properties.optionalText("DefinitionString") ?? JSON.stringify(properties.raw("Definition"));
  const substituted = text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => String(substitutions?.raw(name)));
  substitutions?.done();
  return JSON.parse(localUrls(substituted, site.addresses));
}
