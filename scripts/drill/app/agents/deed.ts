import { hostAgent } from "#aws/host-agent.ts";
import { deed } from "../contracts.ts";

export const handler = hostAgent(deed.implement(() => ({ done: "for good" })));
