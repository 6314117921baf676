import { parsePolicy, parsePrincipals, list } from "../iam/iam-policy.ts";
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
  requireService(properties.object("AssumeRolePolicyDocument"));
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
  roles.set(arn, { arn, policies });
}

/** Who takes on roles here. */
const SERVICES = ["lambda.amazonaws.com", "states.amazonaws.com"];

function requireService(document: Properties): void {
  document.text("Version");
  for (const statement of list(document.raw("Statement"))) {
    const trust = new Properties(document.owner, statement);
    const principals = parsePrincipals(trust.raw("Principal"), trust.owner);
    const known = principals.every(
      (principal) => principal.type === "service" && SERVICES.includes(principal.name),
    );
    if (!known || trust.text("Effect") !== "Allow" || trust.text("Action") !== "sts:AssumeRole") {
      throw new Error(`${document.owner}: only ${SERVICES.join(" and ")} can assume roles here.`);
    }
    trust.done();
  }
  document.done();
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
