import { hostAgent } from "#aws/lambda/host-agent.ts";
import { piece } from "../contracts.ts";

export const handler = hostAgent(piece.implement(({ context }) => ({ twice: 2 * context.item.value })));
