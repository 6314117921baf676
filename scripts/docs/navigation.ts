/** The site's pages in reading order, by what a reader wants to do. Every page of docs/ stands here once. */
export interface Chapter {
  readonly title: string;
  /** Paths from the root; in a folder all its pages, after these. */
  readonly pages: readonly string[];
}

export const CHAPTERS: readonly Chapter[] = [
  {
    title: "Start",
    pages: [
      "README.md",
      "docs/start.md",
      "docs/package.md",
      "docs/add-an-agent.md",
      "docs/coming-from-direct-calls.md",
      "docs/commands.md",
      "docs/comparison.md",
    ],
  },
  {
    title: "Build",
    pages: [
      "docs/concepts.md",
      "docs/flows.md",
      "docs/agents.md",
      "docs/later.md",
      "docs/agents-in-any-language.md",
      "docs/testing.md",
      "docs/http.md",
      "docs/client.md",
      "docs/bus.md",
      "docs/subscriptions.md",
      "docs/notices.md",
      "docs/schedules.md",
      "docs/a2a.md",
      "docs/errors.md",
    ],
  },
  {
    title: "Bring the agent you have",
    pages: [
      "docs/adapters.md",
      "docs/adapters/ai-sdk.md",
      "docs/adapters/langgraph.md",
      "docs/adapters/strands.md",
      "docs/adapters/openai-agents.md",
      "docs/adapters/mastra.md",
      "docs/adapters/a2a.md",
      "docs/adapters/mcp.md",
      "docs/adapters/http.md",
      "docs/adapters/lambda.md",
      "docs/adapters/durable-function.md",
      "docs/adapters/bedrock.md",
    ],
  },
  {
    title: "See and replay",
    pages: ["docs/console.md", "docs/replay.md", "docs/evaluation.md", "docs/traces.md", "docs/mcp.md"],
  },
  {
    title: "Operate",
    pages: [
      "docs/deploy.md",
      "docs/operations.md",
      "docs/quotas.md",
      "docs/retention.md",
      "docs/recovery.md",
      "docs/personal.md",
      "docs/security.md",
      "SECURITY.md",
    ],
  },
  {
    title: "Understand",
    pages: [
      "docs/architecture.md",
      "docs/reliability.md",
      "docs/aws-semantics.md",
      "docs/simulation.md",
      "docs/bench/README.md",
    ],
  },
  {
    title: "Reference",
    pages: ["docs/public-api.md", "shared/local/README.md", "CONTRIBUTING.md", "CHANGELOG.md"],
  },
];

/** Shown as one entry each: a folder's pages, by their names. */
export const FOLDERS: readonly { readonly title: string; readonly folder: string }[] = [
  { title: "Decisions", folder: "docs/decisions" },
];
