import { createServer } from "node:http";
import { MAX_INPUT_BYTES } from "#core/session/limits.ts";
import { agentCard } from "#client/a2a/agent-card.ts";
import { createA2aAgent } from "#client/a2a/create-a2a-agent.ts";
import { createA2aRpc } from "#client/a2a/create-a2a-rpc.ts";
import { createSpineClient } from "#client/client.ts";
import type { Target } from "#client/reaching.ts";
import { createNodeDigest } from "#node/node-digest.ts";
import { listenOnLoopback } from "#local/http/listening.ts";
import { readBody } from "#local/http/request-body.ts";
import { jsonResponse, type HttpResponse } from "#runtime/doors/http/http-message.ts";
import { problemOf } from "#runtime/doors/http/problem.ts";
import { refusal, startToken, tooLarge } from "../console/console-guards.ts";
import { guardedListener } from "../console/guarded-listener.ts";
import { foreignToGateway, foreignType, unknownClient } from "./a2a-guards.ts";
import type { A2aOffer } from "./a2a-skills.ts";
import { writeEvents } from "./write-events.ts";

export interface A2aGatewayOptions {
  /** The spine behind it. */
  readonly target: Pick<Target, "call" | "stream">;
  readonly offer: A2aOffer;
  /** Whether questions to people are asked of clients, who answer in their place. @default true */
  readonly asksClient?: boolean;
  /** As the card has them. */
  readonly name: string;
  readonly version: string;
  /** Where clients reach it through what stands in front of it. @default its own address */
  readonly publicUrl?: URL;
  /** 0 takes any free port. @default 8789 */
  readonly port?: number;
  /** Told what failed for a reason that is not the client's. */
  readonly onTrouble: (error: unknown) => void;
}

export interface RunningA2aGateway {
  /** Of the JSON-RPC interface. */
  readonly url: string;
  readonly cardUrl: string;
  /** Whoever has it may send, read, answer and cancel with the rights of whoever started the gateway. */
  readonly token: string;
  close(): Promise<void>;
}

export const A2A_PORT = 8789;
const CARD = "/.well-known/agent-card.json";
const RPC = "/a2a";

/** Serves a spine as an agent of A2A 1.0, to this machine alone. Throws when the port is taken. */
export async function startA2aGateway(options: A2aGatewayOptions): Promise<RunningA2aGateway> {
  const { target, offer, asksClient = true, name, version, publicUrl, port = A2A_PORT, onTrouble } = options;
  const token = startToken();
  const agent = createA2aAgent({
    ...offer,
    asksClient,
    sha256: (text) => createNodeDigest().sha256(text),
    connect: (signal) => createSpineClient(target.call, { ...target, signal }),
  });
  const rpc = createA2aRpc(agent, { onTrouble });
  const server = createServer(
    guardedListener({
      url: () => listening.url,
      problemFor: problemOf,
      async respond(asked, incoming, outgoing) {
        const { method, headers } = incoming;
        const foreign = foreignToGateway(headers, listening.port, publicUrl);
        if (foreign !== undefined) return foreign;
        if (method === "GET" && asked.pathname === CARD) return jsonResponse(200, card);
        if (method !== "POST" || asked.pathname !== RPC) return nothingHere();
        const refused = unknownClient(headers, token) ?? foreignType(headers);
        if (refused !== undefined) return refused;
        const body = await readBody(incoming, MAX_INPUT_BYTES);
        if (body === undefined) return tooLarge();
        const gone = new AbortController();
        outgoing.once("close", () => gone.abort());
        const said = headers["a2a-version"] ?? asked.searchParams.get("A2A-Version") ?? undefined;
        const answered = await rpc({
          version: Array.isArray(said) ? said[0] : said,
          body: body.toString("utf8"),
          signal: gone.signal,
        });
        if (answered.type === "response") return jsonResponse(200, answered.response);
        await writeEvents(outgoing, answered.responses);
        return undefined;
      },
    }),
  );
  const listening = await listenOnLoopback(server, port);
  const url = listening.url + RPC;
  const card = agentCard({ name, version, url: publicUrl?.href ?? url, skills: offer.skills });

  return { url, cardUrl: listening.url + CARD, token, close: () => listening.close() };
}

function nothingHere(): HttpResponse {
  const repair = `GET ${CARD}, or POST ${RPC}.`;
  return refusal(404, "http.path", "path", { problem: "is nothing of this gateway's", repair });
}
