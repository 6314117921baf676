import type { App } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import { coreConcurrency } from "../../infra/settings/concurrency.ts";
import { textOf } from "../architecture/source.ts";
import { newSpine, SPINE, templateOf, type TemplateJson } from "./fixture.ts";
import { all } from "./resources.ts";

// The root of a construct tree is its app.
const templateWith = (props: Parameters<typeof newSpine>[0] = {}): TemplateJson =>
  templateOf(newSpine(props).stack.node.root as App, "Test");
const template = templateWith();

/** The bound of each mapping of a queue, by the queue's name. */
const bounds = (given: TemplateJson): readonly (readonly [queue: string, bound: number])[] =>
  all(given, "AWS::Lambda::EventSourceMapping").flatMap(({ EventSourceArn, ScalingConfig }) => {
    const queue = /:sqs:.*:(.+)$/.exec(String(EventSourceArn))?.[1];
    const { MaximumConcurrency } = (ScalingConfig ?? {}) as { readonly MaximumConcurrency?: number };
    return queue === undefined ? [] : [[queue, MaximumConcurrency ?? NaN] as const];
  });
const sum = (some: readonly (readonly [string, number])[]): number =>
  some.reduce((total, [, bound]) => total + bound, 0);

describe("the core's bulkheads", () => {
  test("bound every mapping of a queue", () => {
    expect(bounds(template).filter(([, bound]) => !(bound >= 2))).toEqual([]);
    expect(bounds(template).length).toBeGreaterThan(20);
  });

  test("add up to the numbers of docs/quotas.md for five agents", () => {
    const page = textOf("docs/quotas.md");
    const agentsOf = Object.entries(SPINE.agents ?? {});
    const elsewhere = agentsOf.slice(5).map(([name]) => name);
    const five = bounds(
      templateWith({ agents: Object.fromEntries(agentsOf.slice(0, 5)), agentsElsewhere: elsewhere }),
    );
    const letters = five.filter(([queue]) => /-dead(\.fifo)?$/.test(queue));
    const agents = five.filter(
      ([queue]) => queue.startsWith("spine-agent-") && !/-dead(\.fifo)?$/.test(queue),
    );
    const core = sum(five) - sum(letters) - sum(agents);
    expect(page).toContain(
      `that is **${sum(five)}** for queues at most: ${core} for the core, ${sum(letters)} for dead letters and ${sum(agents)} for agents`,
    );
    for (const [prop, bound] of Object.entries(coreConcurrency()))
      expect(page).toMatch(new RegExp(`\\| \`concurrency\\.${prop}\` +\\| ${bound} +\\|`));
  });

  test("are set by a prop, and rejected where Lambda would reject them", () => {
    const chosen = templateWith({ concurrency: { inputs: 7, retries: 3 } });
    const of = (queue: string) => bounds(chosen).find(([name]) => name === queue)?.[1];
    expect([of("spine-inbox.fifo"), of("spine-relay-retries"), of("spine-answers.fifo")]).toEqual([7, 3, 50]);
    for (const bound of [0, 1, 2.5, 1_001, NaN])
      expect(() => newSpine({ concurrency: { answers: bound } })).toThrow(
        /concurrency\.answers is .*\. Give a whole number from 2 to 1000\./,
      );
  });

  test("keep environments provisioned for the door if requested, and for nothing otherwise", () => {
    const reserved = (given: TemplateJson) =>
      all(given, "AWS::Lambda::Function").flatMap(({ FunctionName, ReservedConcurrentExecutions }) =>
        ReservedConcurrentExecutions === undefined ? [] : [[FunctionName, ReservedConcurrentExecutions]],
      );
    expect(reserved(templateWith({ doorConcurrency: 40 }))).toEqual([["spine-door", 40]]);
    expect(reserved(template)).toEqual([]);
  });
});
