/**
 * The variables by which a start on this machine differs from what infra/deployments.ts says. No deployment reads them. What
 * keeps a template for later must tell templates apart by each of them: it takes them from here.
 */
export const AppVariable = {
  /** What all names start with. */
  prefix: "SPINE_PREFIX",
  /** Anything: the stack also keeps every session's state in a table. */
  mirror: "SPINE_MIRROR",
  /** Anything: replies are scored. */
  scorers: "SPINE_SCORERS",
  /** Anything: answers of tasks that agents passed on are taken without a signature, too. */
  callbacks: "SPINE_CALLBACKS",
  /** Anything: a topic is told of open questions; `webhook`: a webhook as well, whose address is put into its secret. */
  questions: "SPINE_QUESTIONS",
  /** How many events each tenant may send. */
  quota: "SPINE_QUOTA",
  /** How long a session stays after the last that happened in it. */
  retention: "SPINE_RETENTION",
  /** Context paths that hold personal values, separated by commas. */
  personal: "SPINE_PERSONAL",
  /** A Bedrock model for the agents that can use one. */
  bedrockModel: "BEDROCK_MODEL_ID",
} as const;
export type AppVariable = (typeof AppVariable)[keyof typeof AppVariable];

/** What is said by them. */
export type AppValues = Readonly<Partial<Record<keyof typeof AppVariable, string>>>;

/** What is said by them; empty counts as nothing. */
export function readAppVariables(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): AppValues {
  const entries = Object.entries(AppVariable).map(([field, name]) => [field, environment[name] || undefined]);
  return Object.fromEntries(entries) as AppValues; // a field of each
}

/** Those that are set, though a deployment is made by what is committed. */
export function withoutSay(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): readonly string[] {
  return Object.values(AppVariable).filter((name) => environment[name]);
}
