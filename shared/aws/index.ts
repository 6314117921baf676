/** The public door to AWS: make an agent a Lambda handler. */
export { hostAgent, type AgentHandler } from "./host-agent.ts";
export { createLambdaDoor, type LambdaDoorOptions } from "./lambda-door.ts";
