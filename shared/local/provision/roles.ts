import { parsePolicy, parsePrincipals, list } from "../iam/iam-policy.ts";
import { parseCondition } from "../iam/policy-condition.ts";
import { Properties } from "../template/properties.ts";
import type { Resource } from "../template/template.ts";
import type { LocalRole, Site } from "./site.ts";

/** Policies of AWS's that a template may name, with what they allow here. */
const MANAGED_POLICIES: Readonly<Record<string, string>> = {
  "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole":
    "writes logs, which no local endpoint receives",
};

export function provisionRole(resource: Resource, { roles }: Site): void {
  const properties = resource.properties();
  const arn = resource.identity.attributes["Arn"] ?? "";
  const trusts = trustsOf(properties.object("AssumeRolePolicyDocument"));
  for (const managed of properties.texts("ManagedPolicyArns")) {
    if (MANAGED_POLICIES[managed] !== undefined) continue;
    throw new Error(`${resource.path}: the managed policy ${managed} is not supported here.`);
  }
  const policies = properties.objects("Policies").map((policy) => {
    policy.text("PolicyName");
    const parsed = parsePolicy(policy.raw("PolicyDocument"), policy.owner, "identity");
    policy.done();
    return parsed;
  });
  properties.withoutLocalMeaning({
    RoleName: "it is part of the role's identity",
    Description: "for people",
    Tags: "there is no billing here",
  });
  properties.done();
  roles.set(arn, { arn, policies, trusts });
}

/** Who takes on roles here. */
const SERVICES = ["lambda.amazonaws.com", "scheduler.amazonaws.com", "states.amazonaws.com"];

/** Which services may assume the role, each under its statement's condition. */
function trustsOf(document: Properties): LocalRole["trusts"] {
  document.text("Version");
  const statements = list(document.raw("Statement")).map((statement) => {
    const trust = new Properties(document.owner, statement);
    const principals = parsePrincipals(trust.raw("Principal"), trust.owner);
    const services = principals.flatMap((principal) =>
      principal.type === "service" && SERVICES.includes(principal.name) ? [principal.name] : [],
    );
    if (
      services.length < principals.length ||
      trust.text("Effect") !== "Allow" ||
      trust.text("Action") !== "sts:AssumeRole"
    ) {
      throw new Error(`${document.owner}: only ${SERVICES.join(", ")} can assume roles here.`);
    }
    const condition = parseCondition(trust.raw("Condition"), trust.owner);
    trust.done();
    return { services, condition };
  });
  document.done();
  return (service, context) =>
    statements.some(({ services, condition }) => services.includes(service) && condition(context));
}

export function provisionPolicy(resource: Resource, site: Site): void {
  const properties = resource.properties();
  properties.withoutLocalMeaning({
    PolicyName: "for people",
    ManagedPolicyName: "for people",
    Description: "for people",
  });
  const policy = parsePolicy(properties.raw("PolicyDocument"), resource.path, "identity");
  for (const name of properties.texts("Roles")) roleNamed(name, resource.path, site).policies.push(policy);
  properties.done();
}

function roleNamed(name: string, owner: string, { roles, addresses }: Site): LocalRole {
  const role = roles.get(`arn:aws:iam::${addresses.account}:role/${name}`);
  if (role === undefined)
    throw new Error(`${owner} is for the role ${name}, which the template does not have.`);
  return role;
}
