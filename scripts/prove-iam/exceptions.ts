import type { UnusedRight } from "./judge.ts";

const ADVANCING = ["SpineIngressHandlerRole*", "SpineDoorHandlerRole*", "SpineCoordinatorHandlerRole*"];
const RELAY = "SpineRelayHandlerRole*";
const RECOVERY = "SpineRecoveryHandlerRole*";
const OPERATOR = "SpineOperatorHandlerRole*";
const MIRROR = "MirrorHandlerRole*";
const KEY_BY_ARN = "kms:Decrypt arn:aws:kms:*:key/KEY";
const KEY_BY_TAG = "kms:Decrypt arn:aws:kms:*:key/* if *";

/** Rights that no scenario on this machine needs. One that is needed after all, or is granted no more, must go. */
export const EXCEPTIONS: readonly UnusedRight[] = [
  {
    roles: ["*"],
    right: "logs:* *",
    reason: "Lambda writes a function's log in the function's role, and no endpoint here takes logs.",
  },
  {
    roles: ["*"],
    right: "sqs:ChangeMessageVisibility *",
    sometimes: true,
    reason:
      "It lets a message come again soon that could not be taken: what is done to every queue only where all goes wrong.",
  },
  {
    roles: [...ADVANCING, RELAY, RECOVERY],
    right: "s3:ListBucket *",
    reason: "It makes a missing object a 404 and not a 403; nobody removes what a session refers to.",
  },
  {
    roles: [...ADVANCING, RELAY, RECOVERY, OPERATOR],
    right: KEY_BY_ARN,
    reason: "KMS takes minutes to count a new key's tag, and a key that was there already has none.",
  },
  {
    roles: ["SpineDoorHandlerRole*", "SpineCoordinatorHandlerRole*", RELAY, RECOVERY, OPERATOR],
    right: KEY_BY_TAG,
    reason: "Beside the right by ARN it is for former keys, which a scenario opens at the ingress.",
  },
  {
    roles: ["SpineDoorHandlerRole*"],
    right: "dynamodb:BatchWriteItem *",
    reason:
      "Answers have no ids of producers: the door moves one out of the window only after a version that keeps fewer.",
  },
  {
    roles: ["SpineIngressHandlerRole*"],
    right: 'dynamodb:* if *"dynamodb:LeadingKeys":["#health"*',
    sometimes: true,
    reason:
      "An event that comes between a task's deadline and the deadline's message counts the task as late.",
  },
  {
    roles: [RECOVERY],
    right: "s3:GetObject *",
    reason:
      "A letter's session is read when it is kept: from the bucket where its newest snapshot or commit stands there.",
  },
  {
    roles: [OPERATOR],
    right: "s3:PutObject */parked/*",
    reason:
      "It parks a letter whose session has not recorded it after 42 minutes, or became unreadable after it was kept.",
  },
  {
    roles: [OPERATOR],
    right: "s3:PutObject */awaiting/*",
    reason: "It has a letter watched again that is sent back before its session has recorded it.",
  },
  {
    roles: [OPERATOR],
    right: "states:StartExecution *",
    reason: "It has a letter watched again that is sent back before its session has recorded it.",
  },
  {
    roles: [OPERATOR],
    right: "secretsmanager:GetSecretValue *",
    reason: "It reads the token of an answer or a task that it sends again as a letter.",
  },
  {
    roles: [...ADVANCING, "SpineRetentionHandlerRole*"],
    right: "s3:* */commits/*",
    reason: "A commit's text stands there when it has more than 300,000 bytes; the sample's flows make none.",
  },
  {
    roles: ["SpineDoorHandlerRole*"],
    right: 'dynamodb:PutItem * if *"dynamodb:LeadingKeys":["#beat/*"]*',
    reason: "None of the sample's contracts has a heartbeat, which its host would tell the door.",
  },
  {
    roles: ["SpineDoorHandlerRole*"],
    right: "kms:GenerateDataKey *",
    reason:
      "A session's key is made with its first personal value, which here a producer brings and no agent.",
  },
  {
    roles: [MIRROR],
    right: "dynamodb:GetItem *SpineLogTable*",
    reason: "The right to read sessions is one; a subscriber asks for no marker.",
  },
];
