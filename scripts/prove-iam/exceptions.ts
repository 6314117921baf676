import type { UnusedRight } from "./judge.ts";

const ADVANCING = ["SpineIngressHandlerRole*", "SpineDoorHandlerRole*", "SpineCoordinatorHandlerRole*"];
const RELAY = "SpineRelayHandlerRole*";
const RECOVERY = "SpineRecoveryHandlerRole*";
const OPERATOR = "SpineOperatorHandlerRole*";
const STREAM = "SpineStreamHandlerRole*";
const KEY_BY_ARN = "kms:Decrypt arn:aws:kms:*:key/KEY";
const KEY_BY_TAG = "kms:Decrypt arn:aws:kms:*:key/* if *";

/** Rights that no scenario on this machine needs. One that is needed after all, or is granted no more, must go. */
export const EXCEPTIONS: readonly UnusedRight[] = [
  {
    roles: ["*"],
    right: "logs:* *",
    reason: "Lambda writes a function's log with the function's role, and no local endpoint receives logs.",
  },
  {
    roles: ["*"],
    right: "sqs:ChangeMessageVisibility *",
    sometimes: true,
    reason:
      "It shortens the visibility timeout of a message that could not be processed: the sample needs that only when a dependency fails.",
  },
  {
    roles: [...ADVANCING, RELAY, RECOVERY, STREAM],
    right: "s3:ListBucket *",
    reason:
      "It turns a missing object into a 404 instead of a 403; nothing deletes an object that a session refers to.",
  },
  {
    roles: [...ADVANCING, RELAY, RECOVERY, OPERATOR, STREAM],
    right: KEY_BY_ARN,
    reason: "KMS takes minutes to apply a new key's tag, and an existing key has none.",
  },
  {
    roles: ["SpineDoorHandlerRole*", "SpineCoordinatorHandlerRole*", RELAY, RECOVERY, OPERATOR, STREAM],
    right: KEY_BY_TAG,
    reason: "The right complements the one by ARN, for former keys, which a scenario opens at the ingress.",
  },
  {
    roles: ["SpineDoorHandlerRole*"],
    right: "dynamodb:BatchWriteItem *",
    reason:
      "Answers have no producer ids: the door moves one out of the window only after a version that keeps fewer.",
  },
  {
    roles: ["SpineIngressHandlerRole*"],
    right: 'dynamodb:* if *"dynamodb:LeadingKeys":["#health"*',
    sometimes: true,
    reason: "An event between a task's deadline and the deadline's message counts the task as late.",
  },
  {
    roles: [OPERATOR],
    right: "s3:PutObject */parked/*",
    reason:
      "It parks a letter whose session has not recorded it after 42 minutes, or became unreadable after the letter was kept.",
  },
  {
    roles: [OPERATOR],
    right: "s3:PutObject */awaiting/*",
    reason: "It watches a letter again that is redriven before its session has recorded it.",
  },
  {
    roles: [OPERATOR],
    right: "states:StartExecution *",
    reason: "It watches a letter again that is redriven before its session has recorded it.",
  },
  {
    roles: [OPERATOR],
    right: "secretsmanager:GetSecretValue *",
    reason: "It reads the token of an answer or a task that it redrives as a letter.",
  },
  {
    roles: [...ADVANCING, STREAM, "SpineRetentionHandlerRole*", "SpineScorersHandlerRole*"],
    right: "s3:* */commits/*",
    reason: "A commit of more than 300,000 bytes has its text there; the sample's flows write none.",
  },
  {
    roles: ["SpineDoorHandlerRole*"],
    right: 'dynamodb:PutItem * if *"dynamodb:LeadingKeys":["#beat/*"]*',
    reason: "None of the sample's contracts has a heartbeat.",
  },
  {
    roles: ["SpineDoorHandlerRole*"],
    right: 'dynamodb:PutItem * if *"dynamodb:LeadingKeys":["#flow/*"]*',
    reason: "No flow of the sample is started by what follows an agent's answer.",
  },
  {
    roles: ["SpineDoorHandlerRole*"],
    right: "kms:GenerateDataKey *",
    reason:
      "A session gets its key with its first personal value, which here comes from a producer, not from an agent.",
  },
];
