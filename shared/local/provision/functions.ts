import { METRICS_NAMESPACE } from "#aws/observe/metrics.ts";
import { measureFunction } from "../metrics/measure-function.ts";
import { recordEmbedded } from "../metrics/embedded-metrics.ts";
import { requireKnownMetric } from "../metrics/known-metrics.ts";
import { createProcessPool } from "../lambda/process-pool.ts";
import type { Properties } from "../template/properties.ts";
import type { Resource } from "../template/template.ts";
import { isLogged, LOG_LEVELS, type LogLevel } from "../lambda/log-level.ts";
import { handlerOf } from "./handler-of.ts";
import { namedIn } from "./named.ts";
import { localUrls, type Site } from "./site.ts";

/** A function, and the caller that it is at the other endpoints. */
export function provisionFunction(resource: Resource, site: Site): void {
  const properties = resource.properties();
  const name = resource.identity.ref;
  const arn = resource.identity.attributes["Arn"] ?? "";
  const role = site.roles.get(properties.text("Role"));
  if (role === undefined) throw new Error(`${resource.path}: its role is not in the template.`);
  const runtime = properties.text("Runtime");
  const { notice, ...program } = handlerOf(runtime, properties, resource, site);
  if (notice !== undefined) site.log({ from: name, text: notice, kind: "progress" });
  const memoryMb = properties.optionalNumber("MemorySize") ?? 128;
  const timeoutMs = (properties.optionalNumber("Timeout") ?? 3) * 1_000;
  const variables = environmentOf(properties, resource, site);
  const reserved = properties.optionalNumber("ReservedConcurrentExecutions");
  if (reserved !== undefined) site.concurrency.reserve(name, reserved);
  const logging = loggingOf(properties);
  const environment = {
    ...variables,
    ...site.endpoints,
    AWS_REGION: site.addresses.region,
    AWS_DEFAULT_REGION: site.addresses.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: "local",
    ...(logging.level !== undefined && {
      AWS_LAMBDA_LOG_FORMAT: "JSON",
      AWS_LAMBDA_LOG_LEVEL: logging.level,
    }),
    LOCAL_FUNCTION_ARN: arn,
    NODE_ENV: "production",
    TZ: ":UTC",
  };
  properties.withoutLocalMeaning({
    FunctionName: "it is part of the function's identity",
    Architectures: "JavaScript and Python run on either",
    Description: "for people",
    RecursiveLoop: "no loop detector runs here",
    Tags: "there is no billing here",
    TracingConfig: "nothing collects traces",
  });
  properties.done();

  const principal = { type: "identity", arn: role.arn, policies: role.policies } as const;
  site.roleOf.set(name, role);
  const pool = createProcessPool(
    { name, arn, ...program, environment, timeoutMs, memoryMb },
    {
      clock: site.clock,
      maxProcesses: site.maxProcesses(name),
      concurrency: site.concurrency,
      starts: site.starts,
      enroll: (key) => site.access.addCaller(key, { name, principal }),
      onLog: (text) => {
        if (!isLogged(text, logging.level)) return;
        site.log({ from: name, text, kind: "output" });
        measureLine(name, text, site);
      },
      onInit: (initMs) => site.log({ from: name, text: `ready after ${initMs} ms`, kind: "progress" }),
      onError: (text) => site.log({ from: name, text, kind: "trouble" }),
    },
  );
  const { metrics: recorder, clock, faults } = site;
  site.functions.set(name, measureFunction(pool, { recorder, clock, faults }));
}

/** Metrics of ours that nothing could look at are trouble; those of another namespace are their function's own matter. */
function measureLine(functionName: string, line: string, site: Site): void {
  recordEmbedded(line, {
    recorder: site.metrics,
    require: (key) => {
      if (key.namespace === METRICS_NAMESPACE) requireKnownMetric(key, namedIn(site), functionName);
    },
    onTrouble: (text) => site.log({ from: functionName, text, kind: "trouble" }),
  });
}

/** The level of the application's lines that are kept; in the text format all are. */
function loggingOf(properties: Properties): { readonly level?: LogLevel } {
  const config = properties.optionalObject("LoggingConfig");
  const format = config?.only("LogFormat", "Text", "JSON") ?? "Text";
  const level = config?.only("ApplicationLogLevel", ...LOG_LEVELS);
  config?.withoutLocalMeaning({
    LogGroup: "output goes to the caller of the local runtime",
    SystemLogLevel: "the local runtime reports failures itself",
  });
  config?.done();
  if (format === "Text") return {};
  return { level: level ?? "INFO" };
}

/** Lambda's limit for names and values together, as they are deployed. */
const MAX_ENVIRONMENT_BYTES = 4_096;
const VARIABLE = /^[a-zA-Z]\w+$/;
/** Lambda sets these itself and refuses a function that names them. */
const RESERVED =
  /^(?:_HANDLER|_X_AMZN_TRACE_ID|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR|AWS_(?:REGION|DEFAULT_REGION|ACCESS_KEY|ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|EXECUTION_ENV|LAMBDA_\w+))$/;

function environmentOf(
  properties: Properties,
  { path }: Resource,
  { addresses }: Site,
): Readonly<Record<string, string>> {
  const environment = properties.optionalObject("Environment");
  const variables = Object.entries(environment?.raw("Variables") ?? {}).map(
    ([name, value]) => [name, String(value)] as const,
  );
  environment?.done();
  const wrong = variables.find(([name]) => !VARIABLE.test(name) || RESERVED.test(name))?.[0];
  if (wrong !== undefined) throw new Error(`${path}: Lambda does not allow a variable named ${wrong}.`);
  const bytes = variables.reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
  if (bytes > MAX_ENVIRONMENT_BYTES)
    throw new Error(`${path}: its variables have ${bytes} bytes; Lambda allows ${MAX_ENVIRONMENT_BYTES}.`);
  return Object.fromEntries(variables.map(([name, value]) => [name, localUrls(value, addresses)]));
}
