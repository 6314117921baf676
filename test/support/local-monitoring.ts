import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { LOCAL_ACCOUNT, LOCAL_REGION } from "#local/addresses.ts";
import { connectionTo } from "#local/connection-to.ts";
import { createAccess } from "#local/iam/access.ts";
import type { AlarmDefinition } from "#local/metrics/alarm-definition.ts";
import { parseExpression } from "#local/metrics/expression.ts";
import { createMetricStore, type MetricStore } from "#local/metrics/metric-store.ts";
import type { AlarmState } from "#local/metrics/monitor.ts";
import { serveMonitoring } from "#local/metrics/monitoring-endpoint.ts";
import { createRequestCounter } from "#local/request-counts.ts";
import { randomSecret } from "#local/signing/access-key.ts";
import { createUsers } from "#local/users.ts";

export interface LocalMonitoring {
  readonly client: CloudWatchClient;
  readonly store: MetricStore;
  readonly alarms: AlarmState[];
  /** A client of somebody who may do anything with these resources only. */
  allowedOn(...resources: readonly string[]): CloudWatchClient;
  stop(): Promise<void>;
}

/** The endpoint of this machine that stands in for CloudWatch, with nothing around it. */
export async function startLocalMonitoring(now: number): Promise<LocalMonitoring> {
  const store = createMetricStore();
  const alarms: AlarmState[] = [];
  const access = createAccess({
    account: LOCAL_ACCOUNT,
    clock: { now: () => now },
    counts: createRequestCounter(),
    onDenied: () => undefined,
  });
  const users = createUsers(access);
  users.add("local", `arn:aws:iam::${LOCAL_ACCOUNT}:user/local`);
  const server = await serveMonitoring({
    store,
    alarms: () => alarms,
    access,
    account: LOCAL_ACCOUNT,
    region: LOCAL_REGION,
    now: () => now,
  });
  const clients: CloudWatchClient[] = [];
  const open = (credentials: Readonly<Record<string, string>>): CloudWatchClient => {
    const environment = { ...credentials, AWS_ENDPOINT_URL_CLOUDWATCH: server.url };
    const made = new CloudWatchClient({ ...connectionTo(environment, "CLOUDWATCH"), maxAttempts: 1 });
    clients.push(made);
    return made;
  };
  return {
    client: open(users.environment()),
    store,
    alarms,
    allowedOn(...resources) {
      const allowed = { effect: "Allow", actions: ["cloudwatch:*"], resources, principals: [] } as const;
      const secretAccessKey = randomSecret();
      access.addCaller(
        { accessKeyId: "narrow", secretAccessKey, now: Date.now },
        {
          name: "narrow",
          principal: {
            type: "identity",
            arn: `arn:aws:iam::${LOCAL_ACCOUNT}:user/narrow`,
            policies: [[{ ...allowed, condition: () => true }]],
          },
        },
      );
      return open({
        ...users.environment(),
        AWS_ACCESS_KEY_ID: "narrow",
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      });
    },
    stop: async () => {
      clients.forEach((each) => each.destroy());
      await server.stop();
    },
  };
}

/** An alarm of a spine as a template has it. */
export const alarmNamed = (name: string, description = ""): AlarmDefinition => ({
  name,
  description,
  metrics: new Map(),
  expression: parseExpression("only"),
  periodMs: 300_000,
  threshold: 1,
  comparison: "GreaterThanOrEqualToThreshold",
  periods: 1,
  breaching: 1,
  missingBreaches: false,
  actions: [],
});
