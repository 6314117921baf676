/** Lanes of an agent, as the core names them. This file imports nothing: infrastructure and tools read it as it is. */
type Lane = "express" | "normal";

/**
 * The names that convention finds, so that an agent may live in another stack or repository. Each follows from the
 * stack's prefix; SQS, Lambda and EventBridge names have at most 80, 64 and 256 characters.
 */
export const DEFAULT_PREFIX = "spine";

/** What follows the stack's prefix in a queue's name. */
export const QueueSuffix = {
  inbox: "inbox.fifo",
  answers: "answers.fifo",
  deadlines: "deadlines",
  intake: "intake",
  relayRetries: "relay-retries",
} as const;
export type QueueSuffix = (typeof QueueSuffix)[keyof typeof QueueSuffix];

export const agentQueueSuffix = (agent: string, lane: Lane): string =>
  lane === "express" ? `agent-${agent}-express.fifo` : `agent-${agent}.fifo`;
/** Notices of questions are nobody's of the spine's own functions, so recovery and operators have no right to their queue. */
export const QUESTIONS_QUEUE = "questions";
/** The ordered subscription that feeds scorers. */
export const SCORERS_SUBSCRIPTION = "scorers";
export const subscriptionQueueSuffix = (name: string): string => `sub-${name}.fifo`;

/** The dead-letter queue of a queue, given its name or suffix. */
export const deadLetterName = (queue: string): string =>
  queue.endsWith(".fifo") ? `${queue.slice(0, -".fifo".length)}-dead.fifo` : `${queue}-dead`;

/** The agent whose dead letters a queue holds, in either lane; undefined where they are nobody's task. */
export const agentOfDeadLetters = (queue: string): string | undefined =>
  /-agent-(.+?)(?:-express)?-dead\.fifo$/.exec(queue)?.[1];

export const queueName = (prefix: string, suffix: string): string => `${prefix}-${suffix}`;

export const FunctionSuffix = {
  ingress: "ingress",
  intake: "intake",
  door: "door",
  coordinator: "coordinator",
  relay: "relay",
  recovery: "recovery",
  operator: "operator",
  retention: "retention",
  stream: "stream",
  progress: "progress",
  callback: "callback",
  questions: "questions",
} as const;
export type FunctionSuffix = (typeof FunctionSuffix)[keyof typeof FunctionSuffix];

export const functionName = (prefix: string, suffix: FunctionSuffix): string => `${prefix}-${suffix}`;
/** The function of a deployment's own scorers. */
export const scorersFunctionName = (prefix: string): string => `${prefix}-scorers`;
export const agentFunctionName = (prefix: string, agent: string): string => `${prefix}-agent-${agent}`;

export const spineInName = (prefix: string): string => `${prefix}-in`;
export const spineOutName = (prefix: string): string => `${prefix}-out`;

/** The rule that brings spine-in's events to the intake, and the one that calls retention: metrics go by their names. */
export const intakeRuleName = (prefix: string): string => `${prefix}-intake`;
export const retentionRuleName = (prefix: string): string => `${prefix}-retention`;

/** The topic that alarms tell. */
export const alarmTopicName = (prefix: string): string => `${prefix}-alarms`;

/** What the names of a spine's alarms begin with. */
export const alarmPrefix = (prefix: string): string => `${prefix}-`;
/**
 * An alarm that every spine has, and whose name no alarm of an agent or a subscription ends with: by it a spine's alarms are told
 * from those of another one whose prefix begins alike.
 */
export const EVERY_SPINES_ALARM = "unreadable-sessions";
/** The topic that is told of open questions. */
export const questionTopicName = (prefix: string): string => `${prefix}-questions`;

/** What the log's table is keyed and filtered by: the relay's mapping takes items of kind `commit` only. */
export const TableAttribute = { partition: "pk", sort: "sk", kind: "kind", expires: "expires" } as const;
export const ItemKind = {
  commit: "commit",
  marker: "marker",
  health: "health",
  quota: "quota",
  tombstone: "tombstone",
  /** The wrapped data key of a session that has personal values. */
  key: "key",
  /** When a session is to be looked at for its retention. */
  retention: "retention",
  /** How far ordered subscriptions have got a session's commits. */
  progress: "progress",
  /** When an attempt's agent was last heard of. */
  heartbeat: "heartbeat",
  /** A permit of one of the requests that are held for their replies. */
  wait: "wait",
  /** A compiled flow, under its hash. */
  flow: "flow",
} as const;

/** What the table of sessions' rows is keyed by, and its indexes. */
export const IndexAttribute = {
  partition: "pk",
  sort: "sk",
  /** Sorts every index: the row's time, and its session. */
  order: "order",
  row: "row",
  byState: "byState",
  byFlow: "byFlow",
  byProblem: "byProblem",
} as const;
export const SessionIndexName = { state: "state", flow: "flow", problem: "problem" } as const;
/** The rows of one state, flow or problem lie in so many partitions: each takes 1,000 writes a second. */
export const INDEX_SHARDS = 8;

/** What the table of scores is keyed by, and when its items go. */
export const ScoreAttribute = { partition: "pk", sort: "sk", expires: "expires" } as const;

/**
 * How a commit's text stands in its item. Readers know all of them; what a deployment writes is its choice, so that a version
 * which writes a new one beside functions that cannot read it is never necessary.
 */
export const CommitCodec = {
  /** As it is. */
  plain: "plain",
  /** zlib's deflate with the dictionary `COMMIT_WORDS_1`. */
  deflate1: "deflate-1",
} as const;
/** Names, in place of a codec, that the text is a blob: the item holds its key and its hash. A version that cannot read it says so. */
export const TEXT_APART = "blob-1";
export type CommitCodec = (typeof CommitCodec)[keyof typeof CommitCodec];

/** The one tenant of a spine that was told of none. */
export const DEFAULT_TENANT = "default";

/** What the partitions start with that say when sessions are to be looked at for their retention; no tenant is named so. */
export const RETENTION_PARTITION = "#retention/";

/** What the partitions start with that say how far subscriptions have got sessions' commits; no tenant is named so. */
export const PROGRESS_PARTITION = "#progress/";
/** Where the health of agents is counted: this partition, and those that go on with a slash. */
export const HEALTH_PARTITION = "#health";
/** What the partitions start with in which tenants' events are counted. */
export const QUOTA_PARTITION = "#quota/";
/** What the partitions start with that say when agents were last heard of; no tenant is named so. */
export const HEARTBEAT_PARTITION = "#beat/";
/** What the partitions start with that are permits of requests held for their replies; no tenant is named so. */
export const WAIT_PARTITION = "#wait/";
/** What the partitions start with that are permits of open streams of events; no tenant is named so. */
export const STREAM_PARTITION = "#stream/";
/** What the partitions start with that hold compiled flows, each under its hash; no tenant is named so. */
export const FLOW_PARTITION = "#flow/";
/** What stands in the keys of large flows' texts in the bucket, where commits' have their session. */
export const LARGE_FLOWS = "#flow";
/** What stands in a marker's partition behind the session's; no session has it in its name. */
export const MARKER_PARTITION = "#marker#";

/** What the partition of a session's data key ends with; no session is named so. */
export const KEY_PARTITION_END = "#key";

/** `detail-type` of what is published on spine-out. */
export const SESSION_ADVANCED = "SessionAdvanced";
/** `source` of what is published on spine-out. */
export const SPINE_SOURCE = "event-spine";
