import type { Json } from "event-spine";
import { adaptAgent, type Framework } from "event-spine/adapters";
import { desk } from "./desk.ts";

const cautious: Framework = {
  async run({ prompt, resumed, signal, say }) {
    signal.throwIfAborted();
    if (resumed === undefined) return { question: { may: prompt }, checkpoint: { asked: prompt } };
    const { asked } = resumed.checkpoint as { readonly asked: Json };
    say(`I did: ${JSON.stringify(asked)}`);
    return { output: { text: "Done." }, usage: { inputTokens: 12, outputTokens: 3 } };
  },
};

export const agent = adaptAgent(desk, cautious);
