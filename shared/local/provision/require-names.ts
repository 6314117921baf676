import type { Resource } from "../template/template.ts";

interface NameRule {
  readonly property: string;
  readonly takes: RegExp;
}

/** What services take as the name of a resource, where a template gives one. Queues are checked where they are made. */
const RULES: Readonly<Record<string, NameRule>> = {
  "AWS::Lambda::Function": { property: "FunctionName", takes: /^[a-zA-Z0-9-_]{1,64}$/ },
  "AWS::DynamoDB::Table": { property: "TableName", takes: /^[a-zA-Z0-9_.-]{3,255}$/ },
  "AWS::S3::Bucket": { property: "BucketName", takes: /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/ },
  "AWS::Events::EventBus": { property: "Name", takes: /^[/.\-_A-Za-z0-9]{1,256}$/ },
  "AWS::Events::Rule": { property: "Name", takes: /^[.\-_A-Za-z0-9]{1,64}$/ },
  "AWS::Scheduler::Schedule": { property: "Name", takes: /^[0-9a-zA-Z-_.]{1,64}$/ },
  "AWS::IAM::Role": { property: "RoleName", takes: /^[\w+=,.@-]{1,64}$/ },
  "AWS::IAM::ManagedPolicy": { property: "ManagedPolicyName", takes: /^[\w+=,.@-]{1,128}$/ },
  "AWS::StepFunctions::StateMachine": {
    property: "StateMachineName",
    takes: /^[a-zA-Z0-9+!@.()=_'-]{1,80}$/,
  },
  "AWS::SecretsManager::Secret": { property: "Name", takes: /^[a-zA-Z0-9/_+=.@-]{1,512}$/ },
  "AWS::CloudWatch::Alarm": { property: "AlarmName", takes: /^[^\u0000-\u001f]{1,255}$/ },
};

/** Refuses a template with a name that its service would not take, which a deployment finds out halfway. */
export function requireNames(resources: readonly Resource[]): void {
  for (const resource of resources) {
    const rule = RULES[resource.type];
    const name = rule && resource.properties().optionalText(rule.property);
    if (rule === undefined || name === undefined || rule.takes.test(name)) continue;
    throw new Error(`${resource.path}: AWS does not allow the ${rule.property} ${JSON.stringify(name)}.`);
  }
}
