import { AwsError } from "../http/aws-error.ts";
import type { RequestCounter } from "../request-counts.ts";
import type { RequestContext } from "./condition.ts";
import { evaluate, type Principal } from "./evaluate.ts";
import type { Policy } from "./policy.ts";

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
  /** The caller that an access key id stands for. Unknown keys are refused as AWS refuses them. */
  callerOf(accessKeyId: string | undefined): Caller;
  addCaller(accessKeyId: string, caller: Caller): void;
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
  /** Told of every refusal. */
  readonly onDenied: (message: string) => void;
}

/** Checks every call at the emulators against the template's policies. */
export function createAccess({ account, counts, onDenied }: AccessOptions): Access {
  const callers = new Map<string, Caller>();
  const resourcePolicies = new Map<string, Policy>();

  const judge = ({ principal }: Caller, action: string, resource: string, context: RequestContext) =>
    evaluate({
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
      const verdict = judge(caller, action, resource, context);
      if (verdict.allowed) continue;
      const who = caller.principal.type === "identity" ? caller.principal.arn : caller.principal.name;
      const message = `User: ${who} is not authorized to perform: ${action} on resource: ${resource} ${verdict.reason}`;
      onDenied(message);
      throw new AwsError("AccessDeniedException", message, 403);
    }
  };

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
    check: (caller, operation, action, resource, context = {}) =>
      checkAll(caller, operation, [{ action, resource, context }]),
    checkAll,
    isAllowed: (caller, action, resource, context = {}) => judge(caller, action, resource, context).allowed,
  };
}

/** Objects have no policy of their own: their bucket's speaks for them. */
const bucketOf = (resource: string): string =>
  resource.startsWith("arn:aws:s3:::") ? (resource.split("/")[0] ?? resource) : resource;
