import { hash } from "node:crypto";
import type { Finding } from "./log-finding.ts";
import type { LoggedSession } from "./read-session.ts";

/** Hashes of the texts of flows, as commits name them. */
export const flowHashes = (texts: readonly string[]): ReadonlySet<string> =>
  new Set(texts.map((text) => hash("sha256", text, "base64url")));

/** Whether every flow that a session names is there: a text that was altered has another hash. */
export const checkFlows = ({ name, events }: LoggedSession, known: ReadonlySet<string>): readonly Finding[] =>
  events.flatMap(({ sequence, type, data }) =>
    type === "FlowStored" && data["apart"] === true && !known.has(String(data["hash"]))
      ? [
          {
            type: "lost",
            session: name,
            text: `the flow ${String(data["hash"])} that ${sequence} names is missing or altered`,
          },
        ]
      : [],
  );
