import { hostAgent } from "#aws/lambda/host-agent.ts";
import { deed } from "../contracts.ts";

export const handler = hostAgent(deed.implement(() => ({ done: "for good" })));
