/** What a scripted model says when it is called: pieces of text, or that a tool is to be called. */
export type Said = { readonly text: readonly string[] } | { readonly tool: Tool; readonly input: unknown };

/** `look` runs unasked, `pay` only when a person has approved it. */
export type Tool = "look" | "pay";

/** Every call of a model takes so much. */
export const CALL = { inputTokens: 10, outputTokens: 5 };

/**
 * What happens outside an agent, which survives its process: what the models say one after another, and what the tools did.
 */
export class World {
  readonly ran: Tool[] = [];
  modelCalls = 0;
  /** Pieces of text that models have sent. */
  sent = 0;
  /** Awaited before each piece of text after the first. */
  beforePiece: (signal?: AbortSignal) => Promise<void> = () => Promise.resolve();
  /** Awaited by a tool after it has acted. */
  afterTool: (tool: Tool) => Promise<void> = () => Promise.resolve();
  /** Resolves when a remote agent was told to stop. */
  readonly told: Promise<void>;
  tell: () => void = () => undefined;
  private readonly script: readonly Said[];

  constructor(...script: readonly Said[]) {
    this.script = script;
    this.told = new Promise((resolve) => (this.tell = resolve));
  }

  /** What the model says now. A script that is over begins with its last word again. */
  next(): Said {
    const said = this.script[Math.min(this.modelCalls, this.script.length - 1)];
    this.modelCalls += 1;
    if (said === undefined) throw new Error("The script is empty.");
    return said;
  }

  /** The pieces of a text, one by one, as they are sent. */
  async *pieces(text: readonly string[], signal?: AbortSignal): AsyncGenerator<string> {
    for (const [at, piece] of text.entries()) {
      if (at > 0) await this.beforePiece(signal);
      this.sent += 1;
      yield piece;
    }
  }

  async use(tool: Tool): Promise<string> {
    this.ran.push(tool);
    await this.afterTool(tool);
    return tool === "look" ? "Seat 3a is free." : "Paid.";
  }

  timesOf = (tool: Tool): number => this.ran.filter((one) => one === tool).length;
}

export const SEAT: Said = { text: ["Seat ", "3a ", "is ", "yours."] };
export const LOOK: Said = { tool: "look", input: { row: 3 } };
export const PAY: Said = { tool: "pay", input: { amount: 40 } };
