import { GetFunctionUrlConfigCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { Authorize } from "./signing/signed-fetch.ts";
import { sign } from "./signing/sign.ts";

/** The URL of a function. Throws what Lambda refuses, and for a function that has none. */
export async function functionUrlOf(client: LambdaClient, name: string): Promise<string> {
  const { FunctionUrl } = await client.send(new GetFunctionUrlConfigCommand({ FunctionName: name }));
  if (FunctionUrl === undefined) throw new Error("the function has no URL");
  return FunctionUrl;
}

/** Signs requests to functions' URLs with the Region and the credentials that a client finds. */
export const authorizeAs =
  ({ config }: LambdaClient): Authorize =>
  async (request) =>
    sign(request, {
      credentials: await config.credentials(),
      region: await config.region(),
      service: "lambda",
      now: new Date(),
    });
