import type { App } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { newSpine, templateOf } from "./fixture.ts";
import { mutants } from "./mutants.ts";
import { alarmPromises } from "./alarm-promises.ts";
import { AGENTS, PROMISES, type PromiseCheck } from "./promises.ts";
import { all } from "./resources.ts";
import { rolesRights } from "./rights.ts";

// The root of a construct tree is its app.
const template = templateOf(newSpine().stack.node.root as App, "Test");
const idsOf = (type: string) =>
  Object.entries(template.Resources).flatMap(([id, { Type }]) => (Type === type ? [id] : []));

describe("the template of a spine", () => {
  for (const [promise, check] of Object.entries(PROMISES)) {
    test(promise, () => check(template));
  }

  test("lets only intake, recovery and the operator function send to the inbox", () => {
    const rights = rolesRights(template);
    const roles = new Set(
      all(template, "AWS::IAM::Policy").flatMap(({ Roles }) => Roles as readonly string[]),
    );
    const covers = (pattern: string, name: string) =>
      pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
    const maySend = (role: string) =>
      rights(role).some((right) => {
        const [action = "", resource = ""] = right.split(" ");
        return covers(action, "sqs:SendMessage") && covers(resource, "spine-inbox.fifo");
      });
    expect([...roles].filter(maySend).toSorted()).toEqual([
      "role:SpineIntakeHandlerRole",
      "role:SpineOperatorHandlerRole",
      "role:SpineRecoveryHandlerRole",
    ]);
  });

  test("keeps the logical ids of stateful resources: another id would replace them", () => {
    expect(idsOf("AWS::DynamoDB::Table")).toEqual([
      "SpineLogTable2D1AEDBA",
      expect.stringMatching(/^SpineSessionsTable/),
    ]);
    expect(idsOf("AWS::S3::Bucket")).toEqual(["SpineBlobsBucketBEC1DD83"]);
    expect(idsOf("AWS::SecretsManager::Secret")).toEqual(["SpineTokensSecret737DC444"]);
    expect(idsOf("AWS::Events::EventBus")).toEqual(["SpineSpineInBus975207ED", "SpineSpineOutBusDABB9BD3"]);
    // Executions that wait would end with their state machine.
    expect(idsOf("AWS::StepFunctions::StateMachine")).toEqual([
      "SpineFarDeadlinesMachine538B1A9D",
      "SpineRecoveryWatchMachine3E1D8AA7",
    ]);
    const agents = AGENTS.filter((agent) => agent !== "inquiry").map((agent) => `Agent${agent}`);
    const queues = idsOf("AWS::SQS::Queue").filter((id) => agents.every((agent) => !id.includes(agent)));
    expect(queues).toEqual([
      "SpineInboxInputsDeadLetters7EFD860B",
      "SpineInboxInputsQueueB66607E3",
      "SpineInboxAnswersDeadLettersCB695333",
      "SpineInboxAnswersQueue699A4755",
      "SpineIntakeEventsDeadLetters34B4AA09",
      "SpineIntakeEventsQueue569BCD14",
      "SpineRelayRetriesDeadLetters42995906",
      "SpineRelayRetriesQueueD4F4B452",
      "SpineRecoveryDeadlinesDeadLettersE219F53E",
      "SpineRecoveryDeadlinesQueue672E65A1",
      "SpineAgentinquiryNormalDeadLettersE918546B",
      "SpineAgentinquiryNormalQueue9253EE74",
      "SpineAgentinquiryExpressDeadLettersAEECB43C",
      "SpineAgentinquiryExpressQueueFE56C2DC",
    ]);
  });

  test("breaks a promise when any one property is removed", () => {
    const toldByAlarms = alarmPromises(AGENTS);
    const kept = Object.entries(PROMISES).flatMap(([name, check]) => (name in toldByAlarms ? [] : [check]));
    const { tried, unnoticed } = mutated(kept, (id) => !tells(id));
    expect(unnoticed).toEqual([]);
    expect(tried).toBeGreaterThan(400);
  });

  test("breaks a promise of an operator's notifications when any one property is removed", () => {
    const { tried, unnoticed } = mutated(Object.values(alarmPromises(AGENTS)), tells);
    expect(unnoticed).toEqual([]);
    expect(tried).toBeGreaterThan(400);
  });
});

/** What an operator hears and sees by. */
const tells = (id: string): boolean => /^SpineAlarm|^SpineDashboard|letters|stuck|throttled/.test(id);
// Agents are alike, and the promises look at each: one of them stands for all.
const others = AGENTS.filter((agent) => agent !== "inquiry").map((agent) => `Agent${agent}`);

/** Takes each property of some resources away in turn; gives how many, and those that no promise misses. */
function mutated(kept: readonly PromiseCheck[], isMeant: (id: string) => boolean) {
  const holds = (mutant: typeof template) => kept.every((check) => passes(() => check(mutant)));
  expect(holds(template)).toBe(true);
  let tried = 0;
  const unnoticed: string[] = [];
  for (const { lost, template: mutant } of mutants(
    template,
    (id) => isMeant(id) && !others.some((other) => id.includes(other)),
  )) {
    tried += 1;
    if (holds(mutant)) unnoticed.push(lost);
  }
  return { tried, unnoticed };
}

function passes(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
