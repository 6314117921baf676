import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import type { Json, JsonObject } from "#core/json.ts";
import type { RecordedEvent } from "#core/session/events.ts";
import type { FaultySpine } from "../faulty-spine.ts";
import { calendarTable } from "./conversation.ts";

/** How a session ended, without what differs from one session to the next. */
export interface Outcome {
  readonly context: JsonObject;
  readonly replies: readonly Json[];
  /** Of each task, in no order that chance has a say in. */
  readonly tasks: readonly string[];
}

/** What happened on the way. */
export interface Way {
  readonly events: readonly RecordedEvent[];
  /** A claim was left without an outcome: the calendar was asked. */
  readonly inDoubt: boolean;
  /** How often the calendar was changed. */
  readonly effects: number;
}

export async function outcomeOf(
  spine: FaultySpine,
  session: string,
): Promise<{ readonly outcome: Outcome; readonly way: Way }> {
  const { commits } = await spine.readLog(session);
  const events = commits.flatMap((commit) => commit.events);
  const response = await spine.cloud.fetch(`${spine.ingressUrl}/sessions/${session}/state`);
  const { context } = (await response.json()) as { readonly context: JsonObject };
  const outcome = { context, ...endsIn(events) };
  return {
    outcome: JSON.parse(JSON.stringify(outcome).replaceAll(session, "SESSION")) as Outcome,
    way: {
      events,
      inDoubt: events.some(({ type }) => type === "EffectInDoubt"),
      effects: await effectsIn(spine),
    },
  };
}

/** Replies, and the last thing that is said of each task. */
export function endsIn(events: readonly RecordedEvent[]): Pick<Outcome, "replies" | "tasks"> {
  const agents = new Map<string, string>();
  const replies: Json[] = [];
  const tasks: string[] = [];
  for (const event of events) {
    switch (event.type) {
      case "TaskCreated":
        agents.set(event.data.task, event.data.agent);
        break;
      case "AnswerApplied":
      case "ValueFilled":
      case "TaskSkipped":
      case "TaskFailed":
        tasks.push(`${agents.get(event.data.task)}: ${event.type}`);
        break;
      case "ReplySent":
        replies.push(event.data.body);
        break;
      default:
        break;
    }
  }
  return { replies, tasks: tasks.toSorted() };
}

async function effectsIn(spine: FaultySpine): Promise<number> {
  const { Item } = await spine.dynamo.send(
    new GetItemCommand({ TableName: calendarTable(spine), Key: { pk: { S: "calendar" } } }),
  );
  const { effects = [] } = JSON.parse(Item?.["text"]?.S ?? "{}") as { readonly effects?: readonly unknown[] };
  return effects.length;
}
