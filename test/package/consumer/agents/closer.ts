import { hostAgent } from "event-spine/aws";
import { close } from "./close.ts";

export const handler = hostAgent(close);
