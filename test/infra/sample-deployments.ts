import type { Deployment } from "../../infra/settings/deployment.ts";

/** The deployments that docs/deploy.md shows. */
export const deployments: readonly Deployment[] = [
  {
    prefix: "spine",
    commitForm: 4,
    account: "111122223333",
    region: "eu-west-1",
    retention: { "*": "P90D" },
    personal: { "*": ["input.email"] },
    tenants: { "arn:aws:iam::111122223333:role/shop": "shop", "444455556666": "crm" },
    rights: { "arn:aws:iam::111122223333:role/shop": ["send", "read", "answer"] },
    quotas: { "*": { perSecond: 50 }, shop: { perSecond: 200, burst: 1000 } },
    alarmEmails: ["ops@example.com"],
  },
  { prefix: "trial", commitForm: 4, account: "111122223333", region: "eu-west-1" },
];
