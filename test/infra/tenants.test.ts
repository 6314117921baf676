import { Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventSpine } from "../../infra/constructs/event-spine.ts";
import {
  callingAccounts,
  checkRights,
  checkTenants,
  operatingAccounts,
  type CallerRights,
  type Tenants,
} from "../../infra/settings/tenant-rights.ts";
import { waitBounds } from "../../infra/settings/wait-bounds.ts";
import { newApp, SPINE, templateOf, type TemplateJson } from "./fixture.ts";
import { all } from "./resources.ts";

const OWN = "111122223333";
const OTHER = "444455556666";
const SOURCE = "com.example.shop";

/** The template of a spine in an account, whose one producer is a role of another account. */
function templateIn(account: string | undefined, tenants: Tenants): TemplateJson {
  const app = newApp();
  const stack = new Stack(app, "Test", {
    ...(account !== undefined && { env: { account, region: "eu-west-1" } }),
  });
  const role = iam.Role.fromRoleArn(stack, "Shop", `arn:aws:iam::${OTHER}:role/shop`);
  new EventSpine(stack, "Spine", { ...SPINE, tenants, producers: [{ source: SOURCE, roles: [role] }] });
  return templateOf(app, "Test");
}

/** Who of other accounts may call the URLs, and how: those of producers and of readers alike. */
const urlRights = (template: TemplateJson) => {
  const ofIngress = rightsAt(template, "spine-ingress");
  expect(rightsAt(template, "spine-stream")).toEqual(ofIngress);
  return ofIngress;
};
const rightsAt = (template: TemplateJson, name: string) =>
  all(template, "AWS::Lambda::Permission")
    .filter(({ Principal }) => /^\d+$/.test(String(Principal)))
    .filter(({ FunctionName }) => String(FunctionName).endsWith(`function:${name}`))
    .map(({ FunctionName: _, ...right }) => right);

/** Which accounts may put events on spine-in, and under which condition. */
const busRights = (template: TemplateJson) =>
  all(template, "AWS::Events::EventBusPolicy").flatMap(({ EventBusName, Statement }) => {
    const { Effect, Principal, Condition, Action } = Statement as Readonly<Record<string, unknown>>;
    if (Effect !== "Allow") return [];
    const { AWS } = Principal as { readonly AWS: string };
    return [{ EventBusName, Action, account: /::(\d+):root$/.exec(AWS)?.[1], Condition }];
  });

const bothOf = (account: string) => [
  { Principal: account, Action: "lambda:InvokeFunctionUrl", FunctionUrlAuthType: "AWS_IAM" },
  { Principal: account, Action: "lambda:InvokeFunction", InvokedViaFunctionUrl: true },
];
const onBus = (account: string, sources?: readonly string[]) => ({
  EventBusName: "spine-in",
  Action: "events:PutEvents",
  account,
  Condition: sources && { "ForAllValues:StringEquals": { "events:source": sources } },
});

describe("a tenant of another account", () => {
  test("may call the URL as a principal of its own, but gets no access to a bus", () => {
    const template = templateIn(OWN, { [`arn:aws:iam::${OTHER}:role/crm`]: "crm" });
    expect(urlRights(template)).toEqual(bothOf(OTHER));
    expect(busRights(template)).toEqual([]);
  });

  test("may put events of its source on spine-in, but gets no access to a URL", () => {
    const template = templateIn(OWN, { [`${OTHER}/${SOURCE}`]: "crm" });
    expect(urlRights(template)).toEqual([]);
    expect(busRights(template)).toEqual([onBus(OTHER, [SOURCE])]);
  });

  test("may do both when the whole account is the tenant", () => {
    const template = templateIn(OWN, { [OTHER]: "crm", [`${OTHER}/${SOURCE}`]: "shop" });
    expect(urlRights(template)).toEqual(bothOf(OTHER));
    expect(busRights(template)).toEqual([onBus(OTHER)]);
  });

  test("covers every tenant when the stack may be deployed to any account", () => {
    const tenants = { [OWN]: "shop", [OTHER]: "crm" };
    expect(urlRights(templateIn(undefined, tenants))).toEqual([...bothOf(OWN), ...bothOf(OTHER)]);
    expect(urlRights(templateIn(OWN, tenants))).toEqual(bothOf(OTHER));
    expect(busRights(templateIn(OTHER, tenants))).toEqual([onBus(OWN)]);
  });

  test("does not exist when all tenants use the spine's own account, or there are none", () => {
    const own = templateIn(OWN, { [OWN]: "shop", [`arn:aws:iam::${OWN}:user/ops/ada`]: "ops" });
    expect([urlRights(own), busRights(own)]).toEqual([[], []]);
    const none = templateIn(undefined, {});
    expect([urlRights(none), busRights(none)]).toEqual([[], []]);
  });
});

describe("tenants", () => {
  const refused = (tenants: Tenants, producers: Parameters<typeof checkTenants>[1] = undefined) =>
    expect(() => checkTenants(tenants, producers));

  test("by the source of events are rejected without producers, because anyone could pose as them", () => {
    refused({ [`${OTHER}/${SOURCE}`]: "shop" }).toThrow(
      'tenants: "444455556666/com.example.shop" relies on an event\'s source, which is free text: anyone who may put events on spine-in could pose as "shop". Add { source: "com.example.shop", roles } to producers.',
    );
    const tenants = { [`${OTHER}/${SOURCE}`]: "shop" };
    expect(() => new EventSpine(new Stack(newApp(), "Test"), "Spine", { ...SPINE, tenants })).toThrow(
      /Add \{ source: "com\.example\.shop", roles \} to producers/,
    );
  });

  test("are rejected too when producers have other sources only", () => {
    refused({ [`${OTHER}/${SOURCE}`]: "shop" }, [{ source: "com.example.other", roles: [] }]).toThrow(
      /to producers/,
    );
    refused({ [`${OTHER}/${SOURCE}`]: "shop" }, [{ source: SOURCE, roles: [] }]).not.toThrow();
  });

  test.each([
    "shop",
    "4444",
    "arn:aws:iam::444455556666:role/teams/shop",
    "arn:aws:sts::444455556666:assumed-role/shop/one",
    "arn:aws:iam::444455556666:root",
    "444455556666/",
  ])("cannot be named by %s, which matches no caller", (caller) => {
    refused({ [caller]: "shop" }, [{ source: SOURCE, roles: [] }]).toThrow(
      /matches no caller\. Write a role's ARN without its path/,
    );
  });

  test("list each account once, whatever their entries are, and never the spine's own", () => {
    const account = fc.constantFrom(OWN, OTHER, "777788889999");
    const caller = fc.oneof(
      account,
      account.map((one) => `arn:aws:iam::${one}:role/shop`),
      fc.tuple(account, fc.constantFrom("a", "b/c")).map(([one, source]) => `${one}/${source}`),
    );
    fc.assert(
      fc.property(fc.dictionary(caller, fc.constant("t")), (tenants) => {
        const found = callingAccounts(tenants, OWN);
        const names = Object.keys(tenants).map((one) => /\d{12}/.exec(one)?.[0]);
        const expected = [...new Set(names)].filter((one) => one !== OWN).toSorted();
        expect(found.map(({ account: one }) => one)).toEqual(expected);
        for (const { account: one, overHttp, onBus: bus } of found) {
          const isWhole = one in tenants;
          expect(overHttp).toBe(isWhole || `arn:aws:iam::${one}:role/shop` in tenants);
          const sources = ["a", "b/c"].filter((source) => `${one}/${source}` in tenants);
          if (isWhole) expect(bus).toBe("any");
          else expect([...(bus ?? [])].toSorted()).toEqual(sources);
        }
      }),
    );
  });
});

describe("operators", () => {
  const OPS = `arn:aws:iam::${OTHER}:role/ops`;
  const operating = (rights: CallerRights, tenants: Tenants = { [OPS]: "*" }) =>
    operatingAccounts(callingAccounts(tenants, OWN), rights);

  test("of every tenant are principals, and may do nothing else", () => {
    expect(() => checkTenants({ [OPS]: "*" }, undefined)).not.toThrow();
    for (const caller of [OTHER, `${OTHER}/${SOURCE}`])
      expect(() => checkTenants({ [caller]: "*" }, undefined)).toThrow(/operate for every tenant/);
    expect(() => checkRights({ [OPS]: ["operate"] }, { [OPS]: "*" })).not.toThrow();
    expect(() => checkRights({ [OPS]: ["operate", "send"] }, { [OPS]: "*" })).toThrow(/but has send/);
  });

  test("of another account get access to the URL when they have a right, and others do not", () => {
    expect(operating({ [OPS]: ["operate"] })).toEqual([OTHER]);
    expect(operating({ "*": ["operate"] })).toEqual([OTHER]);
    expect(operating({ [OPS]: ["send"] }, { [OPS]: "shop" })).toEqual([]);
    expect(operating({ [`arn:aws:iam::${OWN}:role/ops`]: ["operate"] })).toEqual([]);
  });
});

describe("requests that wait", () => {
  test("are limited to a quarter of 200 per tenant, and to all of them when there is only one tenant", () => {
    expect(waitBounds()).toEqual({ total: 200, perTenant: 50 });
    expect(waitBounds({ total: 10 })).toEqual({ total: 10, perTenant: 3 });
    expect(waitBounds({ total: 10 }, false)).toEqual({ total: 10, perTenant: 10 });
    expect(waitBounds({ total: 0 })).toEqual({ total: 0, perTenant: 0 });
    expect(() => waitBounds({ total: -1 })).toThrow(/waits\.total is -1\. Give a whole number/);
    expect(() => waitBounds({ total: 5, perTenant: 6 })).toThrow(/waits\.perTenant is 6/);
  });
});

describe("rights", () => {
  const shop = `arn:aws:iam::${OTHER}:role/shop`;

  test.each<readonly [CallerRights, Tenants | undefined, RegExp]>([
    [{ shop: ["send"] }, undefined, /"shop" matches no caller\. Write a role's ARN/],
    [{ [`arn:aws:iam::${OTHER}:role/teams/shop`]: ["send"] }, undefined, /matches no caller/],
    [{ [shop]: ["read"] }, { [OWN]: "shop" }, /role\/shop" belongs to no tenant\. Add it/],
    [
      { [shop]: ["all" as "read"] },
      undefined,
      /has the unknown right "all"\. Write send, read, answer, command, operate\./,
    ],
  ])("are rejected when no caller can have them: %j", (rights, tenants, problem) => {
    expect(() => checkRights(rights, tenants)).toThrow(problem);
    expect(
      () =>
        new EventSpine(new Stack(newApp(), "Test"), "Spine", {
          ...SPINE,
          rights,
          ...(tenants && { tenants }),
        }),
    ).toThrow(problem);
  });

  test("may belong to a principal whose account is the tenant, to a source, and to all others", () => {
    const rights = { [shop]: ["read"], [`${OTHER}/${SOURCE}`]: [], "*": [] } as const;
    expect(() => checkRights(rights, { [OTHER]: "crm" })).not.toThrow();
    expect(() => checkRights(rights, undefined)).not.toThrow();
  });
});
