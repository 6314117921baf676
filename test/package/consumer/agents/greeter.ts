import { hostAgent } from "event-spine/aws";
import { greet } from "./greet.ts";

export const handler = hostAgent(greet);
