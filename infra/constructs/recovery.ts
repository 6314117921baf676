import { Duration } from "aws-cdk-lib";
import * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import * as iam from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { Env } from "#aws/config.ts";
import { FunctionSuffix, functionName, METRICS_NAMESPACE, QueueSuffix, queueName } from "#aws/names.ts";
import { RETURNS } from "#core/returns.ts";
import { ALARM_PERIOD, ring } from "./alarm.ts";
import { coreFunction, engineEnvironment, grantOpen, type Foundation } from "./foundation.ts";
import { LetterWatch } from "./letter-watch.ts";
import type { SpineFunction } from "./spine-function.ts";
import { CONSUME, SpineQueue, visibilityFor } from "./spine-queue.ts";

const TIMEOUT = Duration.seconds(10);
/** A dead letter that is older has been tried ten times: recovery does not get on. */
const STUCK = Duration.minutes(10);

export interface RecoveryProps {
  readonly foundation: Foundation;
  /** The spine's own queues, whose dead letters it takes beside those of agents. */
  readonly queues: readonly SpineQueue[];
}

/**
 * Turns deadlines that have come, and letters that queues gave up on, into inputs of their sessions; watches over the
 * letters, and does what operators ask.
 */
export class Recovery extends Construct {
  readonly handler: SpineFunction;
  readonly deadlines: SpineQueue;
  readonly watch: LetterWatch;

  constructor(scope: Construct, id: string, { foundation, queues }: RecoveryProps) {
    super(scope, id);
    const { names, blobs, log, tokens } = foundation;
    this.watch = new LetterWatch(this, "Watch", { names });
    this.handler = coreFunction(this, foundation, {
      suffix: FunctionSuffix.recovery,
      description: "turns deadlines and dead letters into inputs of their sessions",
      timeout: TIMEOUT,
      environment: {
        ...engineEnvironment(foundation),
        [Env.lettersMachine]: this.watch.machine.stateMachineArn,
      },
    });
    grantOpen(foundation, this.handler);
    log.grantScan(this.handler);
    if (foundation.personal !== undefined) {
      foundation.personal.key.grantSeal(this.handler);
      log.grantKeepKeys(this.handler);
    }
    blobs.grantRead(this.handler);
    blobs.grantFile(this.handler);
    blobs.grantForget(this.handler, ["awaiting/*", "parked/*"]);
    tokens.grantIssue(this.handler);
    this.watch.grantStart(this.handler);
    const { inbox, answers, deadlines, intake, relayRetries } = QueueSuffix;
    names.grant(
      this.handler,
      ["sqs:SendMessage"],
      [inbox, answers, deadlines, intake, relayRetries].map((suffix) => names.queueArn(suffix)),
    );
    // Agents come and go without this function's template: their letters are found by name.
    const letters = [...Object.values(QueueSuffix), "agent-*.fifo"];
    names.grant(
      this.handler,
      [...CONSUME],
      letters.map((suffix) => names.deadLetterArn(suffix)),
    );

    this.deadlines = new SpineQueue(this, "Deadlines", {
      queueName: queueName(names.prefix, QueueSuffix.deadlines),
      visibilityTimeout: visibilityFor(TIMEOUT),
      receives: RETURNS.deadlines.receives,
    });
    this.deadlines.feed(this.handler.function, TIMEOUT, {
      maxConcurrency: foundation.concurrency.deadlines,
    });
    for (const queue of [this.deadlines, ...queues]) {
      queue.recoverBy(this.handler.function.functionName);
      this.ringWhenStuck(queue);
    }
    this.ringForLetters(names.prefix);
  }

  /** Ask for letters, send them back or close them, unpark sessions, relay again. */
  grantOperate(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ["lambda:InvokeFunction"],
      resourceArns: [this.handler.function.functionArn],
    });
  }

  private ringForLetters(prefix: string): void {
    const metric = (name: string, suffix: FunctionSuffix) =>
      new cloudwatch.Metric({
        namespace: METRICS_NAMESPACE,
        metricName: name,
        dimensionsMap: { service: functionName(prefix, suffix) },
        statistic: cloudwatch.Stats.SUM,
        period: ALARM_PERIOD,
      });
    ring(this, "ParkedLetters", {
      description: "dead letters wait for an operator: spine dead-letters list --state parked.",
      metric: metric("ParkedLetters", FunctionSuffix.recovery),
    });
    ring(this, "LostLetters", {
      description: "events were refused or letters name no session: spine dead-letters list --state lost.",
      metric: metric("LostLetters", FunctionSuffix.recovery),
    });
    for (const door of [FunctionSuffix.coordinator, FunctionSuffix.door, FunctionSuffix.ingress]) {
      ring(this, `Unreadable-${door}`, {
        description:
          "a session's log cannot be folded, so its doors answer 423: repair it, then spine unpark.",
        metric: metric("UnreadableSessions", door),
      });
      ring(this, `Uncompensated-${door}`, {
        description:
          "a run ended and something that it did is not undone: its RunFailed or RunCancelled names the tasks.",
        metric: metric("UncompensatedRuns", door),
      });
    }
  }

  private ringWhenStuck({ deadLetters, node }: SpineQueue): void {
    ring(this, `Stuck${node.id}`, {
      description: "recovery does not take the dead letters of a queue. They are kept there for 14 days.",
      metric: deadLetters.metricApproximateAgeOfOldestMessage({ period: ALARM_PERIOD }),
      threshold: STUCK.toSeconds(),
    });
  }
}
