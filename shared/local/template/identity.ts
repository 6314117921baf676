import { createHash } from "node:crypto";
import type { Addresses } from "../addresses.ts";

/** What a resource is called: the answer to Ref, and to Fn::GetAtt. */
export interface Identity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Named {
  readonly path: string;
  readonly type: string;
  readonly stack: string;
  readonly logicalId: string;
  /** A resolved property. */
  property(name: string): unknown;
}

type Naming = (resource: Named, addresses: Addresses) => Identity;

/** A name of the resource's own; without one CloudFormation makes one up, here always the same. */
const nameOf = ({ stack, logicalId, property }: Named, field: string): string => {
  const given = property(field);
  return typeof given === "string" && given !== "" ? given : `${stack}-${logicalId}`;
};

const named =
  (field: string, arnOf: (name: string, addresses: Addresses) => string): Naming =>
  (resource, addresses) => {
    const name = nameOf(resource, field);
    return { ref: name, attributes: { Arn: arnOf(name, addresses), Name: name } };
  };

const unnamed: Naming = ({ stack, logicalId }) => ({ ref: `${stack}-${logicalId}`, attributes: {} });

const NAMINGS: Readonly<Record<string, Naming>> = {
  "AWS::SQS::Queue": (resource, addresses) => {
    const QueueName = nameOf(resource, "QueueName");
    const url = `${addresses.sqsUrl}/${addresses.account}/${QueueName}`;
    return {
      ref: url,
      attributes: {
        Arn: `arn:aws:sqs:${addresses.region}:${addresses.account}:${QueueName}`,
        QueueName,
        QueueUrl: url,
      },
    };
  },
  "AWS::DynamoDB::Table": (resource, { region, account }) => {
    const name = nameOf(resource, "TableName");
    const Arn = `arn:aws:dynamodb:${region}:${account}:table/${name}`;
    return { ref: name, attributes: { Arn, StreamArn: `${Arn}/stream/2000-01-01T00:00:00.000` } };
  },
  "AWS::S3::Bucket": (resource, { region }) => {
    const name = nameOf(resource, "BucketName").toLowerCase();
    const RegionalDomainName = `${name}.s3.${region}.amazonaws.com`;
    return { ref: name, attributes: { Arn: `arn:aws:s3:::${name}`, RegionalDomainName } };
  },
  "AWS::SecretsManager::Secret": (resource, { region, account }) => {
    const name = nameOf(resource, "Name");
    const suffix = createHash("sha256").update(resource.path).digest("hex").slice(0, 6);
    const arn = `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${suffix}`;
    return { ref: arn, attributes: { Id: arn } };
  },
  "AWS::KMS::Key": ({ path }, { region, account }) => {
    const id = createHash("sha256").update(path).digest("hex").slice(0, 32);
    return { ref: id, attributes: { Arn: `arn:aws:kms:${region}:${account}:key/${id}`, KeyId: id } };
  },
  "AWS::Lambda::Function": named(
    "FunctionName",
    (name, { region, account }) => `arn:aws:lambda:${region}:${account}:function:${name}`,
  ),
  "AWS::Lambda::Url": ({ path, property }, addresses) => ({
    ref: String(property("TargetFunctionArn")),
    attributes: {
      FunctionArn: String(property("TargetFunctionArn")),
      FunctionUrl: addresses.functionUrl(path),
    },
  }),
  "AWS::Events::EventBus": named(
    "Name",
    (name, { region, account }) => `arn:aws:events:${region}:${account}:event-bus/${name}`,
  ),
  "AWS::Events::Rule": (resource, { region, account }) => {
    const bus = resource.property("EventBusName");
    const name = nameOf(resource, "Name");
    const path = typeof bus === "string" ? `${bus}/${name}` : name;
    return { ref: path, attributes: { Arn: `arn:aws:events:${region}:${account}:rule/${path}` } };
  },
  "AWS::Scheduler::Schedule": (resource, { region, account }) => {
    const group = resource.property("GroupName") ?? "default";
    const name = nameOf(resource, "Name");
    return {
      ref: name,
      attributes: { Arn: `arn:aws:scheduler:${region}:${account}:schedule/${String(group)}/${name}` },
    };
  },
  "AWS::SNS::Topic": (resource, { region, account }) => {
    const TopicName = nameOf(resource, "TopicName");
    const TopicArn = `arn:aws:sns:${region}:${account}:${TopicName}`;
    return { ref: TopicArn, attributes: { TopicArn, TopicName } };
  },
  "AWS::CloudWatch::Alarm": named(
    "AlarmName",
    (name, { region, account }) => `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`,
  ),
  "AWS::StepFunctions::StateMachine": (resource, { region, account }) => {
    const Name = nameOf(resource, "StateMachineName");
    const Arn = `arn:aws:states:${region}:${account}:stateMachine:${Name}`;
    return { ref: Arn, attributes: { Arn, Name } };
  },
  "AWS::IAM::Role": named("RoleName", (name, { account }) => `arn:aws:iam::${account}:role/${name}`),
  "AWS::Logs::LogGroup": named(
    "LogGroupName",
    (name, { region, account }) => `arn:aws:logs:${region}:${account}:log-group:${name}:*`,
  ),
};

/** A resource's name and attributes, which follow from the template alone. */
export function identify(resource: Named, addresses: Addresses): Identity {
  return (NAMINGS[resource.type] ?? unnamed)(resource, addresses);
}
