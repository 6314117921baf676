import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A span as it is sent, in OTLP's JSON. */
export interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly name: string;
  readonly kind: number;
  readonly parentSpanId?: string;
  readonly links: readonly { readonly traceId: string }[];
  readonly status: { readonly code: number; readonly message?: string };
  readonly attributes: readonly {
    readonly key: string;
    readonly value: Readonly<Record<string, unknown>>;
  }[];
}

interface Exported {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

export interface Collector {
  readonly endpoint: string;
  readonly requests: readonly { readonly url: string; readonly type: string; readonly body: string }[];
  /** Every span that was sent, in the order of their ends. */
  sent(): readonly SentSpan[];
  /** From now on it answers with this status. */
  answerWith(status: number): void;
  /** From now on it answers nothing. */
  fallSilent(): void;
  stop(): Promise<void>;
}

/** Takes OTLP over HTTP, and says what it is told to. */
export async function startCollector(): Promise<Collector> {
  const requests: { url: string; type: string; body: string }[] = [];
  let answer: number | "nothing" = 200;
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { url = "", headers } = incoming;
      const body = Buffer.concat(chunks).toString("utf8");
      requests.push({ url, type: headers["content-type"] ?? "", body });
      if (answer !== "nothing") outgoing.writeHead(answer, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    sent: () =>
      requests
        .flatMap(({ body }) => (JSON.parse(body) as Exported).resourceSpans)
        .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
    answerWith: (status) => void (answer = status),
    fallSilent: () => void (answer = "nothing"),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

/** Attributes by name. */
export const attributesOf = ({ attributes }: Pick<SentSpan, "attributes">) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
