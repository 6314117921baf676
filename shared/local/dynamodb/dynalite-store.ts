import dynalite from "dynalite";
import { askInProcess } from "../http/in-process.ts";
import { listenOnLoopback } from "../http/listening.ts";

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

const HEADERS = {
  "content-type": "application/x-amz-json-1.0",
  "x-amz-date": "20000101T000000Z",
  authorization: AUTHORIZATION,
};

/** Starts dynalite, for this process alone. With a folder, tables outlive the process. */
export async function startDynalite(folder?: string): Promise<DynaliteStore> {
  const server = dynalite({
    ...(folder !== undefined && { path: folder }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  // Asked past its port: it closes its tables only if it has been listening.
  const { close } = await listenOnLoopback(server);
  const underWay = new Set<Promise<DynamoAnswer>>();

  const call = async (operation: string, input: Readonly<Record<string, unknown>>) => {
    const { status, body } = await askInProcess(server, {
      method: "POST",
      url: "/",
      headers: { ...HEADERS, "x-amz-target": `DynamoDB_20120810.${operation}` },
      body: JSON.stringify(input),
    });
    return { status, body: body === "" ? {} : asObject(JSON.parse(body)) };
  };

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
      await close();
    },
  };
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
