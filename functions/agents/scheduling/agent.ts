export { schedulingAgent as createAgent } from "./scheduling.ts";
