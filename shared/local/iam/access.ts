import { AwsError } from "../http/service-error.ts";
import type { LocalRequest } from "../http/loopback-server.ts";
import { LOCAL_REGION } from "../addresses.ts";
import type { RequestCounter } from "../request-counts.ts";
import type { AccessKey } from "../signing/access-key.ts";
import type { SigningService } from "../signing/services.ts";
import { verifySignature } from "../signing/verify.ts";
import type { RequestContext } from "./policy-condition.ts";
import { evaluate, type AccessRequest, type Principal, type AccessResult } from "./evaluate.ts";
import type { Policy } from "./iam-policy.ts";

/** Who stands behind an access key. */
export interface Caller {
  /** A function's name or an ARN, as counts and refusals show it. */
  readonly name: string;
  readonly principal: Principal;
}

export interface AskedAccess {
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
}

export interface Access {
  /** Who sends a request, by its signature for this service. Whatever is wrong with that is refused as the service does. */
  authenticate(request: LocalRequest, service: SigningService): Promise<Caller>;
  /** Lets a caller sign with a key; one of the same id is replaced. */
  addCaller(key: AccessKey, caller: Caller): void;
  setResourcePolicy(resource: string, policy: Policy): void;
  /** Counts the request and refuses it unless policies allow it. `operation` is the API's name, `action` IAM's. */
  check(caller: Caller, operation: string, action: string, resource: string, context?: RequestContext): void;
  /** As `check`, for a request that needs several rights: counted once, for the first of them. */
  checkAll(caller: Caller, operation: string, asked: readonly AskedAccess[]): void;
  /** As `check`, without a count: a further condition of one and the same request. */
  isAllowed(caller: Caller, action: string, resource: string, context?: RequestContext): boolean;
}

export interface AccessOptions {
  readonly account: string;
  readonly counts: RequestCounter;
  /** Told of every call that was judged. @default nobody */
  readonly onJudged?: (request: AccessRequest, result: AccessResult) => void;
  /** The time by which links end. */
  readonly clock: { readonly now: () => number };
  /** Told of every refusal. */
  readonly onDenied: (message: string) => void;
}

/** Checks every call at the emulators against the template's policies. */
export function createAccess({ account, clock, counts, onJudged, onDenied }: AccessOptions): Access {
  const keys = new Map<string, AccessKey & { readonly caller: Caller }>();
  const resourcePolicies = new Map<string, Policy>();

  const judge = (caller: Caller, action: string, resource: string, context: RequestContext) => {
    const request = requestOf(caller, action, resource, context);
    const result = evaluate(request);
    onJudged?.(request, result);
    return result;
  };

  const requestOf = (
    { principal }: Caller,
    action: string,
    resource: string,
    context: RequestContext,
  ): AccessRequest => ({
    principal,
    action,
    resource,
    context: {
      // The endpoints are plain HTTP on loopback; on AWS they are not.
      "aws:SecureTransport": "true",
      "aws:ResourceAccount": account,
      ...(principal.type === "identity" && {
        "aws:PrincipalArn": principal.arn,
        "aws:PrincipalAccount": principal.arn.split(":")[4] ?? account,
      }),
      ...context,
    },
    resourcePolicy: resourcePolicies.get(resource) ?? resourcePolicies.get(bucketOf(resource)),
  });

  const checkAll = (caller: Caller, operation: string, asked: readonly AskedAccess[]): void => {
    const [first] = asked;
    if (first !== undefined)
      counts.record(first.action.split(":")[0] ?? first.action, operation, caller.name, first.resource);
    for (const { action, resource, context } of asked) {
      const result = judge(caller, action, resource, context);
      if (result.allowed) continue;
      const who = caller.principal.type === "identity" ? caller.principal.arn : caller.principal.name;
      const message = `User: ${who} is not authorized to perform: ${action} on resource: ${resource} ${result.reason}`;
      onDenied(message);
      throw new AwsError("AccessDeniedException", message, 403);
    }
  };

  return {
    async authenticate(request, service) {
      try {
        const { caller } = await verifySignature(request, {
          service,
          region: LOCAL_REGION,
          keyOf: (id) => keys.get(id),
          linkNow: clock.now,
        });
        return caller;
      } catch (error) {
        if (error instanceof AwsError)
          onDenied(`A request to ${service.name} was rejected: ${error.code}: ${error.message}`);
        throw error;
      }
    },
    addCaller: (key, caller) => void keys.set(key.accessKeyId, { ...key, caller }),
    setResourcePolicy: (resource, policy) => void resourcePolicies.set(resource, policy),
    check: (caller, operation, action, resource, context = {}) =>
      checkAll(caller, operation, [{ action, resource, context }]),
    checkAll,
    isAllowed: (caller, action, resource, context = {}) => judge(caller, action, resource, context).allowed,
  };
}

/** Objects have no policy of their own: their bucket's speaks for them. */
const bucketOf = (resource: string): string =>
  resource.startsWith("arn:aws:s3:::") ? (resource.split("/")[0] ?? resource) : resource;
