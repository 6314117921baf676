import { RemovalPolicy, Stack, type Duration } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { bundledCode } from "../bundling/bundle.ts";
import { pythonCode, type PythonEntry } from "../bundling/python-code.ts";
import { tracedProps, type Tracing } from "../settings/tracing-options.ts";
import { DEFAULT_MEMORY_MB } from "../settings/memory.ts";
import { checkName, environmentProblems, MAX_FUNCTION_SECONDS } from "../settings/aws-limits.ts";

/** Options of every function of the spine. */
export interface FunctionOptions {
  /** In MB; CPU grows with it. @default 512, and 1,769 for the door, which is a whole processor */
  readonly memorySize?: number;
  /** How long logs are kept. @default one month */
  readonly logRetention?: logs.RetentionDays;
  /** Tracing from function to function. @default off */
  readonly tracing?: Tracing;
  /**
   * Lambda's own log lines. WARN: failures, timeouts and failed starts; INFO: also the start and the report of every
   * invocation, with its duration and memory, in about 500 bytes.
   * @default WARN
   */
  readonly systemLogLevel?: lambda.SystemLogLevel;
}

/** What of some properties are options of a function. */
export const functionOptionsOf = ({
  memorySize,
  logRetention,
  tracing,
  systemLogLevel,
}: FunctionOptions): FunctionOptions => ({ memorySize, logRetention, tracing, systemLogLevel });

export interface SpineFunctionProps extends FunctionOptions {
  /** The name by which other functions find it. */
  readonly functionName: string;
  readonly description: string;
  /** The module that exports `handler`, or a folder in Python. */
  readonly entry: string | PythonEntry;
  /** The module of the user's application. @default the sample application */
  readonly application?: string;
  /** Texts in files beside its code, by file name. @default none */
  readonly data?: Readonly<Record<string, string>> | undefined;
  readonly timeout: Duration;
  /** Environments reserved for it, which are also its maximum. @default those of the account */
  readonly reservedConcurrency?: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * A function of the spine: Node 24 on arm64, one bundle with its own SDK, or a folder in Python; a role that starts with the right to
 * its own log and nothing else. Only this construct creates functions.
 *
 * @example
 * const reports = new SpineFunction(this, "Reports", {
 *   functionName: "spine-reports",
 *   description: "Reports on sessions",
 *   entry: "functions/reports.ts",
 *   timeout: Duration.seconds(30),
 *   environment: {},
 * });
 * table.grantReadData(reports);
 */
export class SpineFunction extends Construct implements iam.IGrantable {
  readonly function: lambda.Function;
  readonly role: iam.Role;
  readonly logGroup: logs.LogGroup;
  readonly grantPrincipal: iam.IPrincipal;

  constructor(scope: Construct, id: string, props: SpineFunctionProps) {
    super(scope, id);
    checkTimeout(props);
    this.role = new iam.Role(this, "Role", { assumedBy: new iam.ServicePrincipal("lambda.amazonaws.com") });
    this.grantPrincipal = this.role;
    this.logGroup = new logs.LogGroup(this, "Log", {
      retention: props.logRetention ?? logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.logGroup.grantWrite(this.role);
    const traced = tracedProps(this, props.tracing);
    this.function = new lambda.Function(this, "Function", {
      functionName: checkName("function", props.functionName),
      description: props.description,
      ...programOf(this, props),
      architecture: lambda.Architecture.ARM_64,
      memorySize: props.memorySize ?? DEFAULT_MEMORY_MB,
      timeout: props.timeout,
      reservedConcurrentExecutions: props.reservedConcurrency,
      role: this.role,
      logGroup: this.logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      // No higher: lines without a level are INFO for Lambda, and metrics are such lines.
      applicationLogLevelV2: lambda.ApplicationLogLevel.INFO,
      systemLogLevelV2: props.systemLogLevel ?? lambda.SystemLogLevel.WARN,
      ...traced,
      environment: { ...props.environment, ...traced.environment },
      // Sessions go round a loop of queues and functions; Lambda's detector would stop them after about 16 turns.
      recursiveLoop: lambda.RecursiveLoop.ALLOW,
    });
    this.node.addValidation({
      validate: () => environmentProblems(props.functionName, this.environment()),
    });
  }

  private environment(): Readonly<Record<string, unknown>> {
    const { environment } = this.function.node.defaultChild as lambda.CfnFunction;
    const resolved = Stack.of(this).resolve(environment) as
      { readonly variables?: Readonly<Record<string, unknown>> } | undefined;
    return resolved?.variables ?? {};
  }
}

function programOf(
  scope: Construct,
  { entry, application, data }: SpineFunctionProps,
): Pick<lambda.FunctionProps, "code" | "handler" | "runtime"> {
  if (typeof entry !== "string")
    return { code: pythonCode(scope, entry), handler: entry.handler, runtime: entry.runtime };
  return {
    code: bundledCode(scope, entry, application, data),
    handler: "index.handler",
    runtime: lambda.Runtime.NODEJS_24_X,
  };
}

function checkTimeout({ functionName, timeout }: SpineFunctionProps): void {
  const seconds = timeout.toSeconds();
  if (seconds <= MAX_FUNCTION_SECONDS) return;
  throw new Error(
    `The timeout of the function ${functionName} is ${seconds} s; Lambda allows ${MAX_FUNCTION_SECONDS}. Shorten it.`,
  );
}
