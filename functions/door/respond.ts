import type { Context } from "aws-lambda";
import { refusalOf, type DoorResponse } from "#aws/lambda/door-protocol.ts";
import type { DoorRequest } from "#aws/lambda/protocol-schema.ts";
import type { Observer } from "#aws/observe/observe.ts";
import { readTrace } from "#aws/observe/trace.ts";
import { problemError } from "#core/errors.ts";
import { depthProblem, MESSAGE_DEPTH } from "#core/json-form.ts";
import { isJsonObject, type JsonObject } from "#core/json.ts";
import type { ServedDoor } from "#ports/agents.ts";

const OPS: readonly string[] = ["look", "beat", "claim", "answer", "signals"] satisfies DoorRequest["op"][];

/** Answers an agent's look, beat, claim, answer or question for signals. Whatever a caller sends is answered; nothing is thrown. */
export function createResponder(door: ServedDoor, observer: Observer) {
  return (event: unknown, context: Context): Promise<DoorResponse> => {
    const request = isJsonObject(event) ? event : {};
    const { op } = request;
    const attributes = { "event_spine.op": typeof op === "string" && OPS.includes(op) ? op : "unknown" };
    const span = { name: "door", kind: "server", attributes } as const;
    const answer = async (): Promise<DoorResponse> => {
      try {
        const verdict = await ask(door, request);
        return { ok: true, verdict };
      } catch (error) {
        observer.onTrouble(error, `the door's ${typeof request["op"] === "string" ? "request" : "caller"}`);
        return { ok: false, error: refusalOf(error) };
      }
    };
    return observer.invocation(context, readTrace(request), answer, span);
  };
}

function ask(door: ServedDoor, request: JsonObject) {
  const problem = depthProblem(request, "request", MESSAGE_DEPTH);
  if (problem !== undefined) throw problemError("answer.malformed", problem);
  const { op, proof, execution, answer, after } = request;
  switch (op) {
    case "look":
      return door.look(proof);
    case "beat":
      return door.beat(proof);
    case "claim":
      return door.claim(proof, execution);
    case "answer":
      return door.answer(answer);
    case "signals":
      return door.signals(proof, after);
    default:
      throw problemError("answer.malformed", {
        field: "op",
        problem: "is missing or malformed",
        repair: "Use look, beat, claim, answer or signals.",
      });
  }
}
