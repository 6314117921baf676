import { AwsError } from "../http/aws-error.ts";
import type { RequestCounter } from "../request-counts.ts";
import type { RequestContext } from "./condition.ts";
import { evaluate, type AccessRequest, type Principal, type Verdict } from "./evaluate.ts";
import type { Policy } from "./policy.ts";

/** Who stands behind an access key. */
export interface Caller {
  /** A function's name or an ARN, as counts and refusals show it. */
  readonly name: string;
  readonly principal: Principal;
}

export interface Access {
  /** The caller that an access key id stands for. Unknown keys are refused as AWS refuses them. */
  callerOf(accessKeyId: string | undefined): Caller;
  addCaller(accessKeyId: string, caller: Caller): void;
  setResourcePolicy(resource: string, policy: Policy): void;
  /** Counts the request and refuses it unless policies allow it. `operation` is the API's name, `action` IAM's. */
  check(caller: Caller, operation: string, action: string, resource: string, context?: RequestContext): void;
  /** As `check`, without a count: a further condition of one and the same request. */
  isAllowed(caller: Caller, action: string, resource: string, context?: RequestContext): boolean;
}

export interface AccessOptions {
  readonly account: string;
  readonly counts: RequestCounter;
  /** Told of every call that was judged. @default nobody */
  readonly onJudged?: (request: AccessRequest, verdict: Verdict) => void;
  /** Told of every refusal. */
  readonly onDenied: (message: string) => void;
}

/** Checks every call at the emulators against the template's policies. */
export function createAccess({ account, counts, onJudged, onDenied }: AccessOptions): Access {
  const callers = new Map<string, Caller>();
  const resourcePolicies = new Map<string, Policy>();

  const judge = (caller: Caller, action: string, resource: string, context: RequestContext) => {
    const request = requestOf(caller, action, resource, context);
    const verdict = evaluate(request);
    onJudged?.(request, verdict);
    return verdict;
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

  return {
    callerOf(accessKeyId) {
      const caller = accessKeyId === undefined ? undefined : callers.get(accessKeyId);
      if (caller !== undefined) return caller;
      onDenied(`A request with the access key ${accessKeyId ?? "(none)"}, which is nobody's, was refused.`);
      throw new AwsError(
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
        403,
      );
    },
    addCaller: (accessKeyId, caller) => void callers.set(accessKeyId, caller),
    setResourcePolicy: (resource, policy) => void resourcePolicies.set(resource, policy),
    check(caller, operation, action, resource, context = {}) {
      counts.record(action.split(":")[0] ?? action, operation, caller.name, resource);
      const verdict = judge(caller, action, resource, context);
      if (verdict.allowed) return;
      const who = caller.principal.type === "identity" ? caller.principal.arn : caller.principal.name;
      const message = `User: ${who} is not authorized to perform: ${action} on resource: ${resource} ${verdict.reason}`;
      onDenied(message);
      throw new AwsError("AccessDeniedException", message, 403);
    },
    isAllowed: (caller, action, resource, context = {}) => judge(caller, action, resource, context).allowed,
  };
}

/** Objects have no policy of their own: their bucket's speaks for them. */
const bucketOf = (resource: string): string =>
  resource.startsWith("arn:aws:s3:::") ? (resource.split("/")[0] ?? resource) : resource;
