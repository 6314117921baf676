import { createHttpIngress } from "#runtime/doors/create-http-ingress.ts";
import { createListedReads } from "#runtime/doors/http/listed-reads.ts";
import type { InProcessSpine } from "#testing/index.ts";
import { createSpineClient, type SpineClient } from "#client/client.ts";
import { RIGHTS } from "#core/rights.ts";

/** The spine's API over a spine in this process, as one producer sees it. */
export function inProcessClient(spine: InProcessSpine, source: string): SpineClient {
  const handle = createHttpIngress(spine.engine, {
    listed: () => Promise.resolve(createListedReads(spine.engine, spine.sessionIndex)),
  });
  const { tenant } = spine.key("any");
  return createSpineClient(({ path, ...request }) => {
    const { pathname, searchParams } = new URL(path, "http://spine");
    const query = Object.fromEntries(searchParams);
    return handle({
      headers: {},
      ...request,
      path: pathname,
      query,
      caller: { tenant, source, rights: RIGHTS },
    });
  });
}
