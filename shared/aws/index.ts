/** The public door to AWS: make an agent, a subscriber or scorers a Lambda handler. */
export { hostAgent, hostAgents, type AgentHandler } from "./lambda/host-agent.ts";
export { hostScorers } from "./lambda/host-scorers.ts";
export { hostSubscriber, type SubscriberHandler } from "./lambda/host-subscriber.ts";
export { createLambdaDoor, type LambdaDoorOptions } from "./lambda/lambda-door.ts";
export type { CoordinatorDoor } from "#ports/agents.ts";
export type { AttemptRef } from "#core/ids.ts";
export type { AttemptProof } from "#core/session/task-messages.ts";
export type { Subscriber } from "#runtime/relay/create-subscriber.ts";
