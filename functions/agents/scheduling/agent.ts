export { schedulingAgent as createAgent } from "./scheduling-agent.ts";
