import {
  END,
  Command,
  interrupt,
  MemorySaver,
  MessagesAnnotation,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { langGraphAgent } from "event-spine/adapters/langgraph";
import { desk } from "./desk.ts";

const builder = new StateGraph(MessagesAnnotation)
  .addNode("pay", () => {
    const answer = interrupt({ pay: 40 }) as { readonly approved: boolean };
    const content = answer.approved ? "Paid. Seat 3a is yours." : "Nothing was paid.";
    return { messages: [{ role: "assistant", content }] };
  })
  .addEdge(START, "pay")
  .addEdge("pay", END);

export const agent = langGraphAgent(desk, {
  langgraph: { MemorySaver, Command },
  graph: (checkpointer) => builder.compile({ checkpointer }),
});
