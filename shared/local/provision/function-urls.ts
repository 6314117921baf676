import { serveLoopback, type Handle, type LoopbackServer } from "../http/loopback-server.ts";
import { functionUrl } from "../lambda/function-url.ts";
import type { FunctionUrlConfig } from "../lambda/lambda-endpoint.ts";
import { measureUrl } from "../metrics/measure-url.ts";
import type { Stack } from "../template/cloud-assembly.ts";
import type { Site } from "./site.ts";

/** An address that a function's URL has. */
export interface UrlServer {
  readonly url: string;
  handle: Handle;
}

/** Function URLs are listening before their functions exist, since the template may hand their addresses on. */
export async function openFunctionUrls(
  stacks: readonly Stack[],
  servers: LoopbackServer[],
): Promise<ReadonlyMap<string, UrlServer>> {
  const urls = new Map<string, UrlServer>();
  for (const { name, resources } of stacks) {
    for (const [logicalId, { type }] of resources) {
      if (type !== "AWS::Lambda::Url") continue;
      const slot: { handle: Handle } = { handle: () => Promise.resolve({ status: 503 }) };
      const server = await serveLoopback((request) => slot.handle(request));
      servers.push(server);
      urls.set(`${name}/${logicalId}`, Object.assign(slot, { url: server.url }));
    }
  }
  return urls;
}

/** Lets each URL invoke its function, and notes it by the function's name. */
export function connectFunctionUrls(
  site: Site,
  urls: ReadonlyMap<string, UrlServer>,
  byFunction: Map<string, FunctionUrlConfig>,
): void {
  for (const resource of site.template.resources) {
    const slot = urls.get(resource.path);
    if (slot === undefined) continue;
    const properties = resource.properties();
    const name = properties.text("TargetFunctionArn").split(":").at(-1) ?? "";
    const authType = properties.only("AuthType", "AWS_IAM", "NONE") ?? "NONE";
    const invokeMode = properties.only("InvokeMode", "BUFFERED", "RESPONSE_STREAM") ?? "BUFFERED";
    properties.done();
    const invoked = site.functions.get(name);
    if (invoked === undefined) throw new Error(`${resource.path}: its function is not in the template.`);
    const { access, addresses } = site;
    const answer = functionUrl({ invoked, authType, invokeMode, access, account: addresses.account });
    slot.handle = measureUrl(name, answer, site.metrics, site.clock);
    byFunction.set(name, { url: slot.url, authType, invokeMode });
  }
}
