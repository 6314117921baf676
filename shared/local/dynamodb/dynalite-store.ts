import { once } from "node:events";
import { Agent, request } from "node:http";
import type { AddressInfo } from "node:net";
import dynalite from "dynalite";

export interface DynamoAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** DynamoDB's operations, as dynalite performs them. */
export interface DynaliteStore {
  call(operation: string, input: Readonly<Record<string, unknown>>): Promise<DynamoAnswer>;
  stop(): Promise<void>;
}

// Dynalite looks at the form of a signature, not at its worth.
const AUTHORIZATION =
  "AWS4-HMAC-SHA256 Credential=local/20000101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=local";

/** Starts dynalite behind a port of its own that nobody else is told of. With a folder, tables outlive the process. */
export async function startDynalite(folder?: string): Promise<DynaliteStore> {
  const server = dynalite({
    ...(folder !== undefined && { path: folder }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a pipe's name
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const underWay = new Set<Promise<DynamoAnswer>>();

  const call = (operation: string, input: Readonly<Record<string, unknown>>) =>
    new Promise<DynamoAnswer>((resolve, reject) => {
      const body = Buffer.from(JSON.stringify(input));
      const outgoing = request(
        {
          port,
          host: "127.0.0.1",
          method: "POST",
          agent,
          headers: {
            "content-type": "application/x-amz-json-1.0",
            "content-length": body.length,
            "x-amz-target": `DynamoDB_20120810.${operation}`,
            "x-amz-date": "20000101T000000Z",
            authorization: AUTHORIZATION,
          },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
          incoming.on("error", reject);
          incoming.on("end", () => {
            const text = Buffer.concat(chunks).toString("utf8");
            resolve({
              status: incoming.statusCode ?? 500,
              body: text === "" ? {} : asObject(JSON.parse(text)),
            });
          });
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });

  return {
    async call(operation, input) {
      const answer = call(operation, input);
      underWay.add(answer);
      try {
        return await answer;
      } finally {
        underWay.delete(answer);
      }
    },
    async stop() {
      // It goes on with what it was asked, also when nobody listens any more, and fails on a database that is closed.
      await Promise.allSettled(underWay);
      agent.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
