import { CfnOutput } from "aws-cdk-lib";
import { spineInName, spineOutName } from "#aws/names.ts";
import type { EventSpine } from "./event-spine.ts";

/** The stack's outputs: what callers, readers and operators of a spine need to find it. */
export function tellSpine(spine: EventSpine): void {
  const { prefix, ingress, answers, stream, log, blobs, alarmTopic } = spine;
  const outputs = {
    IngressUrl: ingress.url.url,
    ...(answers !== undefined && { CallbackUrl: answers.url.url }),
    ...(stream !== undefined && { StreamUrl: stream.url.url }),
    TableName: log.table.tableName,
    BucketName: blobs.bucket.bucketName,
    SpineInName: spineInName(prefix),
    SpineOutName: spineOutName(prefix),
    AlarmTopicArn: alarmTopic.topic.topicArn,
  };
  for (const [id, value] of Object.entries(outputs)) new CfnOutput(spine, id, { value });
}
