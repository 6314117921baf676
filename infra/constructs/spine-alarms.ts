import type * as cloudwatch from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import { SpineMetric } from "#aws/observe/metrics.ts";
import { EVERY_SPINES_ALARM, intakeRuleName, retentionRuleName } from "#aws/names.ts";
import { ALARM_PERIOD, ring, type Bell, type RingOptions } from "./alarm.ts";
import type { FarDeadlines } from "./far-deadlines.ts";
import {
  ageOf,
  errorsOf,
  heldBy,
  iteratorAgeOf,
  ruleMetric,
  spineMetric,
  tableThrottlesOf,
  throttlesOf,
  urlFailuresOf,
} from "./spine-metrics.ts";
import type { LetterWatch } from "./letter-watch.ts";
import type { SessionLogTable } from "./session-log-table.ts";
import type { SpineBus } from "./spine-bus.ts";
import type { SpineFunction } from "./spine-function.ts";
import type { SpineQueue } from "./spine-queue.ts";

/** A letter is taken within a second; one that is still there after so long has been tried ten times. */
const STUCK_MINUTES = 10;
/** What waits for the coordinator is taken within a second too. */
const WAITING_SECONDS = 120;
/** A batch whose function died once comes again by itself; three within five minutes are no accident. */
const DEATHS = 3;
/** One message that nobody can take is given back sixteen times in four minutes, and is a dead letter then. */
const RETURNS = 10;
/** A caller tries a 503 again; five within five minutes are felt. */
const FAILED_CALLS = 5;
/** Deadlines are armed behind the stream: so late they may be, in ms. */
const BEHIND_MS = 60_000;
/** The SDK tries a throttled request again; sessions feel it when these fail too. */
const THROTTLES = 10;

export interface SpineAlarmsProps {
  readonly bell: Bell;
  /** The spine's own functions, by what convention calls them. */
  readonly functions: Readonly<Record<string, SpineFunction | undefined>>;
  /** Behind the URL. */
  readonly ingress: SpineFunction;
  readonly relay: SpineFunction;
  /** Queues whose dead letters recovery takes, by what they carry. */
  readonly recovered: Readonly<Record<string, SpineQueue>>;
  /** Queues of the coordinator, by what they carry. */
  readonly awaited: Readonly<Record<string, SpineQueue>>;
  readonly spineIn: SpineBus;
  readonly log: SessionLogTable;
  readonly watch: LetterWatch;
  readonly farDeadlines: FarDeadlines;
  readonly hasRetention: boolean;
}

/** Every alarm of a spine, except those of its agents and subscriptions, which have their own. */
export class SpineAlarms extends Construct {
  readonly all: readonly cloudwatch.Alarm[];
  private readonly bell: Bell;
  private readonly made: cloudwatch.Alarm[] = [];

  constructor(scope: Construct, id: string, props: SpineAlarmsProps) {
    super(scope, id);
    this.bell = props.bell;
    this.ofSessions();
    this.ofLetters(props);
    this.ofFunctions(props);
    this.ofWays(props);
    this.ofRules(props);
    this.all = this.made;
  }

  private ring(name: string, options: RingOptions): void {
    this.made.push(ring(this, name, this.bell, options));
  }

  /** What became of sessions, whichever function met it. */
  private ofSessions(): void {
    const { prefix } = this.bell;
    const told: readonly (readonly [name: string, metric: SpineMetric, description: string])[] = [
      ["parked-letters", SpineMetric.parkedLetters, "dead letters wait for an operator."],
      [
        "lost-letters",
        SpineMetric.lostLetters,
        "events of spine-in were rejected, or letters name no session or carry no valid proof.",
      ],
      [
        EVERY_SPINES_ALARM,
        SpineMetric.unreadableSessions,
        "a session's log cannot be folded, so its doors answer 423.",
      ],
      [
        "uncompensated-runs",
        SpineMetric.uncompensatedRuns,
        "a run ended without undoing all of its effects.",
      ],
      [
        "breakers-opened",
        SpineMetric.breakersOpened,
        "an agent fails so often that its circuit breaker opened; its steps take their fallbacks.",
      ],
      [
        "budget-stops",
        SpineMetric.budgetStops,
        "a run has used up its hops, tokens or money; its remaining steps took their fallbacks.",
      ],
    ];
    for (const [name, metric, description] of told)
      this.ring(name, { description, metric: spineMetric(prefix, metric) });
    this.ring("made-up-records", {
      description: "a function was invoked with records that did not come from a queue or the log.",
      metric: spineMetric(prefix, SpineMetric.madeUpRecords),
    });
    this.ring("returned-messages", {
      description: "functions return messages to their queues because a dependency is down.",
      metric: spineMetric(prefix, SpineMetric.messagesReturned),
      threshold: RETURNS,
    });
  }

  /** What would be lost to sight if nobody took it. */
  private ofLetters({ recovered, watch, farDeadlines }: SpineAlarmsProps): void {
    for (const [carried, { deadLetters, isFifo }] of Object.entries(recovered)) {
      this.ring(`stuck-${carried}`, {
        description: "recovery does not process the dead letters of this queue; they are kept for 14 days.",
        ...(isFifo
          ? { metric: ageOf(deadLetters), threshold: STUCK_MINUTES * 60 }
          : { metric: heldBy(deadLetters), periods: STUCK_MINUTES }),
      });
    }
    this.ring("unwatched-letters", {
      description: "some dead letters are unconfirmed because the function operator failed for an hour.",
      metric: watch.machine.metricFailed({ period: ALARM_PERIOD }),
    });
    this.ring("unsent-deadlines", {
      description: "a deadline could not be sent for a day.",
      metric: farDeadlines.machine.metricFailed({ period: ALARM_PERIOD }),
    });
  }

  private ofFunctions({ functions }: SpineAlarmsProps): void {
    for (const [name, made] of Object.entries(functions)) {
      if (made === undefined) continue;
      // Retention is called once an hour, so one failure is all that five minutes can show.
      const threshold = name === "retention" ? 1 : DEATHS;
      this.ring(`${name}-failed`, {
        description: `the function ${name} crashes, times out or throws.`,
        metric: errorsOf(made.function),
        threshold,
      });
      this.ring(`${name}-throttled`, {
        description: `Lambda throttles the function ${name}: ${name === "callback" ? "what is reserved for it, or the account," : "the account"} has no concurrency left.`,
        metric: throttlesOf(made.function),
      });
    }
  }

  /** Where work waits or is turned away. */
  private ofWays({ awaited, ingress, relay, log }: SpineAlarmsProps): void {
    for (const [carried, { queue }] of Object.entries(awaited)) {
      this.ring(`${carried}-waiting`, {
        description: `${carried} wait for the coordinator, so their sessions make no progress.`,
        metric: ageOf(queue),
        threshold: WAITING_SECONDS,
      });
    }
    this.ring("ingress-5xx", {
      description: "the URL answers producers with server errors.",
      metric: urlFailuresOf(ingress.function),
      threshold: FAILED_CALLS,
    });
    this.ring("relay-behind", {
      description:
        "the relay is behind the log's stream, so deadlines are armed late and commits are published late.",
      metric: iteratorAgeOf(relay.function),
      threshold: BEHIND_MS,
    });
    for (const [kind, metric] of [
      ["reads", "ReadThrottleEvents"],
      ["writes", "WriteThrottleEvents"],
    ] as const) {
      this.ring(`log-${kind}-throttled`, {
        description: `DynamoDB throttles ${kind} of the log's table.`,
        metric: tableThrottlesOf(log.table, metric),
        threshold: THROTTLES,
      });
    }
  }

  private ofRules({ spineIn, hasRetention }: SpineAlarmsProps): void {
    const { prefix } = this.bell;
    const intake = { EventBusName: spineIn.bus.eventBusName, RuleName: intakeRuleName(prefix) };
    this.ring("events-undelivered", {
      description: "EventBridge could not deliver events of spine-in to the intake; they are dead letters.",
      metric: ruleMetric("InvocationsSentToDlq", intake),
    });
    this.ring("events-dropped", {
      description:
        "EventBridge could not deliver events of spine-in to the intake or its dead-letter queue: they are lost.",
      metric: ruleMetric("InvocationsFailedToBeSentToDlq", intake),
    });
    if (!hasRetention) return;
    this.ring("retention-uncalled", {
      description: "EventBridge could not invoke the function that expires sessions.",
      metric: ruleMetric("FailedInvocations", { RuleName: retentionRuleName(prefix) }),
    });
  }
}
