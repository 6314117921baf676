import type { JsonObject } from "#core/json.ts";
import type { PatchOperation } from "#core/json-patch.ts";
import { applyPatch } from "./apply-patch.ts";

interface Message {
  readonly id: string;
  /** Of messages that are of the same, the one counts that was finished last. */
  readonly of: string;
  readonly name?: string;
  text: string;
  isDropped?: true;
}

/** What a reader of AG-UI knows after the streams that it read. It refuses what the protocol's own client refuses. */
export class AgUiReader {
  state: unknown;
  /** In the order in which they were finished. */
  messages: Message[] = [];
  readonly outcomes = new Map<string, unknown>();
  readonly customs: string[] = [];
  run: string | undefined;
  steps = new Set<string>();
  private open = new Map<string, Message>();
  private isOver = false;

  /** The next stream begins. */
  begin(): void {
    this.run = undefined;
    this.isOver = false;
    this.steps = new Set();
    this.open = new Map();
  }

  read(event: JsonObject): void {
    const field = (name: string): string => String(event[name]);
    const { type } = event;
    if (this.isOver) throw new Error(`${String(type)} after the end of the run`);
    if (this.run === undefined && type !== "RUN_STARTED") throw new Error(`${String(type)} before a run`);
    switch (type) {
      case "RUN_STARTED":
        if (this.run !== undefined) throw new Error("RUN_STARTED in a run");
        this.run = field("runId");
        return;
      case "RUN_FINISHED":
      case "RUN_ERROR":
        if (this.steps.size > 0)
          throw new Error(`${String(type)} with the open steps ${[...this.steps].join()}`);
        if (this.open.size > 0) throw new Error(`${String(type)} with open messages`);
        this.outcomes.set(this.run ?? "", type === "RUN_ERROR" ? event : event["outcome"]);
        this.isOver = true;
        return;
      case "STEP_STARTED":
        if (this.steps.has(field("stepName"))) throw new Error(`${field("stepName")} is open`);
        this.steps.add(field("stepName"));
        return;
      case "STEP_FINISHED":
        if (!this.steps.delete(field("stepName"))) throw new Error(`${field("stepName")} is not open`);
        return;
      case "STATE_SNAPSHOT":
        this.state = structuredClone(event["snapshot"]);
        return;
      case "STATE_DELTA":
        this.state = applyPatch(this.state, event["delta"] as unknown as readonly PatchOperation[]);
        return;
      case "TEXT_MESSAGE_START": {
        const id = field("messageId");
        if (this.open.has(id)) throw new Error(`${id} is open`);
        const { of = id } = (event["metadata"] ?? {}) as { readonly of?: string };
        this.open.set(id, { id, of, text: "", ...(event["name"] !== undefined && { name: field("name") }) });
        return;
      }
      case "TEXT_MESSAGE_CONTENT":
        this.opened(field("messageId")).text += field("delta");
        return;
      case "TEXT_MESSAGE_END": {
        const message = this.opened(field("messageId"));
        this.open.delete(message.id);
        const others = this.messages.filter((other) => other.of !== message.of);
        this.messages = message.isDropped ? others : [...others, message];
        return;
      }
      case "CUSTOM":
        this.custom(field("name"), event["value"] as JsonObject);
        return;
      default:
        throw new Error(`${String(type)} is unknown`);
    }
  }

  private custom(name: string, value: JsonObject): void {
    this.customs.push(name);
    if (name === "message-dropped") this.opened(String(value["messageId"])).isDropped = true;
  }

  private opened(id: string): Message {
    const message = this.open.get(id);
    if (message === undefined) throw new Error(`${id} is not open`);
    return message;
  }
}
