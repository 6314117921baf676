export { replyAgent as agent } from "./reply.ts";
