import { camel } from "./names.ts";

/** An agent that stands on something else: its code, and what it answers as long as a stand-in is there. */
export interface FrameworkAgent {
  readonly text: string;
  readonly answers: string;
  /** What is left to do. */
  readonly next: string;
}

/** What `add agent --from` knows: the adapters by these names. */
export const FROM = ["ai-sdk", "langgraph", "strands", "lambda", "http", "a2a"] as const;
export type From = (typeof FROM)[number];

export const isFrom = (text: string): text is From => FROM.some((one) => one === text);

interface Parts {
  /** What the adapter is called, and whatever else is imported from its module. */
  readonly adapter: string;
  /** What stands in. */
  readonly standIn: "model" | "graph" | "agent" | "function" | "endpoint";
  /** Between contract and agent. */
  readonly before: (names: Names) => string;
  readonly agent: (names: Names) => string;
  readonly next: string;
}

interface Names {
  readonly value: string;
  readonly variable: string;
  readonly answers: string;
}

/** A remote agent, called where a variable of the environment names it. */
const remote = (adapter: string, standIn: Parts["standIn"], option: string, suffix: string): Parts => ({
  adapter,
  standIn,
  before: ({ variable }) =>
    `/** Where it is not set, a scripted ${standIn} stands in. */\nconst ${option} = process.env["${variable}_${suffix}"];\n\n`,
  agent: ({ value, answers }) =>
    `
  ${option} === undefined
    ? ${value}.implement(() => ({ text: "${answers}" }))
    : ${adapter}(${value}, { ${option} })`,
  next: `Set NAME_${suffix} where it runs; on AWS in its \`environment\` in infra/app.ts.`,
});

const PARTS: Readonly<Record<From, Parts>> = {
  "ai-sdk": {
    adapter: "aiSdkAgent",
    standIn: "model",
    before: ({ answers }) => `/**
 * A scripted model stands in. With the AI SDK installed (npm install ai), write in its place:
 * (call) => streamText({ model: "…", ...call })
 */
const scripted = () => ({
  content: [],
  text: "${answers}",
  steps: [{ usage: { inputTokens: 0, outputTokens: 0 } }],
  responseMessages: [],
});

`,
    agent: ({ value }) => ` aiSdkAgent(${value}, { agent: scripted })`,
    next: "A scripted model stands in: put yours there.",
  },
  langgraph: {
    adapter: "langGraphAgent",
    standIn: "graph",
    before: ({ answers }) => `/**
 * A scripted graph stands in. With LangGraph.js installed (npm install @langchain/langgraph), write in the place of all this:
 * { langgraph: { MemorySaver, Command }, graph: (checkpointer) => builder.compile({ checkpointer }) }
 */
class MemorySaver {
  storage = {};
  writes = {};
}
class Command {}
async function* scripted() {
  yield ["values", { messages: [{ getType: () => "ai", content: "${answers}" }] }];
}

`,
    agent: ({ value }) => ` langGraphAgent(${value}, {
  langgraph: { MemorySaver, Command },
  graph: () => ({ stream: () => Promise.resolve(scripted()) }),
})`,
    next: "A scripted graph stands in: put yours there.",
  },
  strands: {
    adapter: "strandsAgent",
    standIn: "agent",
    before: ({ answers }) => `/**
 * A scripted agent stands in. With Strands installed (npm install @strands-agents/sdk), write in its place:
 * () => new Agent({ model, tools, printer: false })
 */
const scripted = () => ({
  async *stream() {
    yield* [];
    return { stopReason: "endTurn", lastMessage: { content: [{ type: "textBlock", text: "${answers}" }] } };
  },
  takeSnapshot: () => ({}),
  loadSnapshot: () => undefined,
});

`,
    agent: ({ value }) => ` strandsAgent(${value}, { agent: scripted })`,
    next: "A scripted agent stands in: put yours there.",
  },
  lambda: {
    ...remote("lambdaAgent", "function", "functionArn", "ARN"),
    next: "Set NAME_ARN where it runs; on AWS in its `environment` in infra/app.ts, with `invokes: [arn]`.",
  },
  http: remote("httpAgent", "endpoint", "url", "URL"),
  a2a: remote("a2aAgent", "agent", "url", "URL"),
};

/** An agent of a framework or of another service, with something scripted in its place: its test needs neither. */
export function frameworkAgent(name: string, from: From): FrameworkAgent {
  const { adapter, standIn, before, agent, next } = PARTS[from];
  const answers = `${name}: a scripted ${standIn} answers.`;
  const variable = name.replaceAll(/[^a-z0-9]/g, "_").toUpperCase();
  const names = { value: camel(name), variable, answers };
  const text = `import { defineAgent } from "event-spine";
import { ${adapter} } from "event-spine/adapters/${from}";
import * as z from "zod";

/** What the agent reads of the session's context, and what it answers. */
export const ${names.value} = defineAgent({
  name: "${name}",
  reads: ["input"],
  output: z.object({ text: z.string() }),
});

${before(names)}export const ${names.value}Agent =${agent(names)};
`;
  return { text, answers, next: next.replace("NAME", variable) };
}
