import { LambdaClient } from "@aws-sdk/client-lambda";
import { clientDefaults, INVOKE, lean } from "#aws/clients.ts";
import { readEnv } from "#aws/config.ts";
import { createLambdaDoor } from "#aws/lambda/lambda-door.ts";
import { createObserver } from "#aws/observe/observe.ts";
import { createLazyTokens } from "#aws/secrets/lazy-tokens.ts";
import { createSystemClock } from "#node/system-clock.ts";
import { createAnswerPace } from "#runtime/doors/answer-pace.ts";
import { createAnswerEndpoint } from "#runtime/doors/create-answer-endpoint.ts";
import { createCallbackResponder } from "./take-callback.ts";

const { door, tokenSecret } = readEnv(["door", "tokenSecret"]);
const clock = createSystemClock();
const observer = createObserver("callback", { quiet: true });

/** Behind a URL that takes no signature: the token of a task is all that counts. It has no access to the log. */
export const handler = createCallbackResponder(
  createAnswerEndpoint({
    door: createLambdaDoor({ client: lean(new LambdaClient(clientDefaults(INVOKE))), functionName: door }),
    tokens: createLazyTokens(tokenSecret, clock),
    pace: createAnswerPace(clock),
    onTrouble: observer.onTrouble,
  }),
  observer,
);
