/** A chunk of the AI SDK's UI message stream. */
export interface Chunk {
  readonly type: string;
  readonly [field: string]: unknown;
}
export interface Part {
  readonly type: string;
  readonly id?: string;
  text?: string;
  state?: "streaming" | "done";
  readonly agent?: string;
  data?: unknown;
}
export interface Message {
  readonly id: string;
  metadata?: Readonly<Record<string, unknown>>;
  readonly parts: Part[];
  error?: string;
}
export interface Question {
  readonly ask: string;
  readonly question?: string;
  readonly dueAt?: number;
}
export interface ReadTurn {
  readonly messages: Message[];
  readonly after: number;
  readonly open: (after: number) => Promise<AsyncIterable<string>>;
  readonly onChange?: (messages: readonly Message[]) => void;
  readonly pause?: () => unknown;
}
export function newMessage(id: string, metadata?: Message["metadata"]): Message;
export function applyChunk(
  messages: Message[],
  current: Message | undefined,
  chunk: Chunk,
): Message | undefined;
export function framesOf(
  parts: AsyncIterable<string>,
): AsyncGenerator<{ readonly id?: string; readonly data?: string }, void>;
export function readTurn(options: ReadTurn): Promise<number>;
export function openQuestionsOf(message: Message): readonly Question[];
