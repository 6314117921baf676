export { replyAgent as agent } from "./reply-agent.ts";
