const entries = [
  "event-spine",
  "event-spine/testing",
  "event-spine/aws",
  "event-spine/client",
  "event-spine/adapters",
];
for (const name of [
  "ai-sdk",
  "langgraph",
  "strands",
  "openai-agents",
  "mastra",
  "a2a",
  "mcp",
  "http",
  "lambda",
  "bedrock",
])
  entries.push(`event-spine/adapters/${name}`);
entries.push("event-spine/adapters/durable-function");
for (const entry of entries) console.log(entry, Object.keys(await import(entry)).length > 0);
