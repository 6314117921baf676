import type { TemplateJson } from "./fixture.ts";
import { readable } from "./intrinsics.ts";

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Effect: string;
  readonly Condition?: unknown;
}

const list = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);
const short = (arn: string) => arn.replace(/^arn:partition:[a-z]+:region:accountid:/, "");

/** What the role of each function may do, by the function's name: lines such as `sqs:SendMessage spine-inbox.fifo`. */
export function rightsOf(template: TemplateJson): Readonly<Record<string, readonly string[]>> {
  const ofRole = rolesRights(template);
  const rights = Object.values(template.Resources).flatMap(({ Type, Properties = {} }) => {
    if (Type !== "AWS::Lambda::Function") return [];
    const { FunctionName, Role } = readable(template, Properties) as Readonly<Record<string, string>>;
    return [[String(FunctionName), ofRole(String(Role))] as const];
  });
  return Object.fromEntries(rights);
}

/** What a role may do, given its ARN as `readable` shows it. */
export function rolesRights(template: TemplateJson): (roleArn: string) => readonly string[] {
  const byRole = new Map<string, string[]>();
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type !== "AWS::IAM::Policy") continue;
    const policy = readable(template, Properties) as {
      readonly Roles: readonly string[];
      readonly PolicyDocument: { readonly Statement: readonly Statement[]; readonly Version: string };
      readonly PolicyName: string;
    };
    const { Version, Statement } = policy.PolicyDocument;
    if (Version !== "2012-10-17" || !policy.PolicyName) throw new Error("A policy without version or name.");
    for (const role of policy.Roles)
      byRole.set(role, [...(byRole.get(role) ?? []), ...Statement.flatMap(lines)]);
  }
  return (roleArn) => (byRole.get(roleArn.replace(/\.Arn$/, "")) ?? []).toSorted();
}

function lines({ Effect, Action, Resource, Condition }: Statement): readonly string[] {
  if (Effect !== "Allow") throw new Error(`A right of effect ${Effect}.`);
  const condition = Condition === undefined ? "" : ` if ${JSON.stringify(Condition)}`;
  return list(Action).flatMap((action) =>
    list(Resource).map((resource) => `${action} ${short(resource)}${condition}`),
  );
}
