import { PassThrough } from "node:stream";
import { deferred } from "../deferred.ts";
import type { LocalResponse } from "../http/loopback-server.ts";
import type { StreamSink } from "./lambda-function.ts";

/** What a function streams says itself what its status and headers are, before its body. */
const HTTP_INTEGRATION = "application/vnd.awslambda.http-integration-response";
const DELIMITER = Buffer.alloc(8);
/** Lambda ends a streamed response that is larger. */
const MAX_BYTES = 200 * 1_024 * 1_024;

/** The response that a function streams to its URL. */
export interface StreamedAnswer {
  readonly sink: StreamSink;
  /** Resolves when its head is there; to nothing where the function ends before. */
  readonly response: Promise<LocalResponse | undefined>;
  /** The function has ended: where it failed in the middle, the reader's connection is cut. */
  end(isOk: boolean): void;
}

/**
 * A slow reader holds its function up, as far as nothing between them keeps what it has not read; one that has gone does not: Lambda lets
 * its function run on.
 */
export function streamedAnswer(): StreamedAnswer {
  const { promise, resolve } = deferred<LocalResponse | undefined>();
  const body = new PassThrough();
  // Whoever reads is told by its connection.
  body.on("error", () => undefined);
  let head = Buffer.alloc(0);
  let begun = false;
  let bytes = 0;

  const begin = (response: Pick<LocalResponse, "status" | "headers">): void => {
    begun = true;
    resolve({ headers: {}, ...response, body });
  };

  const put = async (part: Buffer): Promise<void> => {
    bytes += part.length;
    if (bytes > MAX_BYTES) body.destroy(new Error(`The response has more than ${MAX_BYTES} bytes.`));
    if (part.length === 0 || body.destroyed || body.write(part)) return;
    await new Promise<void>((go) => {
      const done = () => {
        body.off("drain", done).off("close", done);
        go();
      };
      body.on("drain", done).on("close", done);
    });
  };

  return {
    response: promise,
    sink({ bytes: part, contentType }) {
      if (begun) return put(part);
      if (contentType !== HTTP_INTEGRATION) {
        begin({ status: 200, headers: { "content-type": contentType ?? "application/octet-stream" } });
        return put(part);
      }
      head = Buffer.concat([head, part]);
      const at = head.indexOf(DELIMITER);
      if (at === -1) return Promise.resolve();
      begin(headOf(head.subarray(0, at).toString("utf8")));
      return put(head.subarray(at + DELIMITER.length));
    },
    end(isOk) {
      resolve(undefined);
      if (isOk) body.end();
      else body.destroy(new Error("The function failed while it streamed."));
    },
  };
}

function headOf(text: string): Pick<LocalResponse, "status" | "headers"> {
  const { statusCode, headers, cookies } = JSON.parse(text) as {
    readonly statusCode?: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly cookies?: readonly string[];
  }; // the format that Lambda documents; what differs from it fails at the caller, as there
  const given = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    status: statusCode ?? 200,
    headers: {
      "content-type": "application/octet-stream",
      ...Object.fromEntries(given),
      ...(cookies !== undefined && { "set-cookie": cookies }),
    },
  };
}
