import type { UnusedRight } from "./judge.ts";

const dispatching =
  "Whoever commits dispatches: it stores and links what is large, as ingress does in these scenarios.";

/** Rights that no scenario on this machine uses. One that is used after all, or is granted no more, must go. */
export const EXCEPTIONS: readonly UnusedRight[] = [
  {
    role: "*",
    right: "logs:* *",
    reason: "Lambda writes a function's log in the function's role, and no endpoint here takes logs.",
  },
  {
    role: "*",
    right: "sqs:GetQueueUrl *",
    reason: "The CDK grants it with receiving; no consumer here asks for a queue by its name.",
  },
  { role: "*", right: "sqs:ChangeMessageVisibility *", reason: "The CDK grants it with receiving." },
  {
    role: "*",
    right: "s3:ListBucket *",
    reason: "It makes a missing object a 404 and not a 403; nothing lists.",
  },
  { role: "*", right: "s3:GetObject *", reason: dispatching },
  { role: "*", right: "s3:PutObject *", reason: dispatching },
];
