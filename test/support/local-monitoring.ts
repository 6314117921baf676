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
import { createUsers } from "#local/users.ts";

export interface LocalMonitoring {
  readonly client: CloudWatchClient;
  readonly store: MetricStore;
  readonly alarms: AlarmState[];
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
  const environment = { ...users.environment(), AWS_ENDPOINT_URL_CLOUDWATCH: server.url };
  const client = new CloudWatchClient({ ...connectionTo(environment, "CLOUDWATCH"), maxAttempts: 1 });
  return {
    client,
    store,
    alarms,
    stop: async () => {
      client.destroy();
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
