import { hostScorers } from "#aws/lambda/host-scorers.ts";
import { careScorers } from "./care-scorers.ts";

export const handler = hostScorers(...careScorers);
