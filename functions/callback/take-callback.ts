import type { APIGatewayProxyStructuredResultV2, Context, LambdaFunctionURLEvent } from "aws-lambda";
import type { Observer } from "#aws/observe/observe.ts";
import type { createAnswerEndpoint } from "#runtime/doors/create-answer-endpoint.ts";

/** Serves a request to the function's URL: method and body are all of it that is read. */
export function createCallbackResponder(
  endpoint: ReturnType<typeof createAnswerEndpoint>,
  observer: Pick<Observer, "invocation">,
) {
  return (event: LambdaFunctionURLEvent, context: Context): Promise<APIGatewayProxyStructuredResultV2> =>
    observer.invocation(context, {}, async () => {
      const { body = "", isBase64Encoded, requestContext } = event;
      const text = isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body;
      const {
        status,
        headers,
        body: answer,
      } = await endpoint({ method: requestContext.http.method, body: text });
      return { statusCode: status, headers: { ...headers }, body: answer };
    });
}
