import type { StandardSchemaV1 } from "@standard-schema/spec";
import * as z from "zod/mini";
import type { Contract } from "#core/contract.ts";
import { problemError, type SpineError } from "#core/errors.ts";
import { choice, human, sequence, step, transform, type StepOptions } from "#core/flow/build.ts";
import type { PlanNode, SequenceNode } from "#core/flow/plan.ts";
import type { Json } from "#core/json.ts";
import { inWords } from "#core/problems.ts";
import { approvalSection } from "./interruption.ts";

/**
 * What a person says to an agent that asks to use tools: one word for all of them, or, by id, one for each.
 *
 * @example
 * const plan = withApproval(assistant, { ask: "May it do that?", answer: APPROVAL });
 */
export const APPROVAL = z.object({
  approved: z.boolean(),
  reason: z.optional(z.string()),
  calls: z.optional(z.record(z.string(), z.boolean())),
});

export interface ApprovalOptions {
  /** What the person is asked; what the agent wants to do is in its section, which the console shows beside the question. */
  readonly ask: string;
  /** @default `APPROVAL`: `{ approved, reason?, calls? }` */
  readonly answer?: StandardSchemaV1;
  /** How often it may ask, 1 to 10. @default 3 */
  readonly rounds?: number;
  /** How long a person is awaited, ms. @default a day */
  readonly timeoutMs?: number;
  /** What the agent is told if nobody answers in time. @default the step fails */
  readonly unanswered?: Json;
  /** Of each of the agent's tasks. @default the contract's */
  readonly step?: StepOptions;
}

const DEFAULT_ROUNDS = 3;
/** A round is two levels of a plan, which may have 32. */
const MAX_ROUNDS = 10;

/**
 * A step whose agent may ask a person and goes on with the answer, as often as `rounds` says; after that its question is a failure. Each
 * turn is a task of its own. The contract comes from `defineInterruptible`. Throws `flow.invalid` for `rounds` out of range.
 *
 * @example
 * const plan = sequence(withApproval(assistant, { ask: "May it do that?", rounds: 2 }), reply("assistant"));
 */
export function withApproval(
  contract: Contract,
  { rounds = DEFAULT_ROUNDS, step: options, ...asking }: ApprovalOptions,
): SequenceNode<string> {
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS) throw outOfRange(rounds);
  const section = contract.spec.writes;
  // What an earlier run left there is nothing that this one asked.
  const begins = transform({ [section]: "null", [approvalSection(section)]: `{"roundsLeft": ${rounds}}` });
  return sequence(begins, step(contract, options), roundOf(contract, rounds, asking, options));
}

function roundOf(
  contract: Contract,
  left: number,
  asking: Omit<ApprovalOptions, "rounds" | "step">,
  options: StepOptions | undefined,
): PlanNode {
  const section = contract.spec.writes;
  // One for each round: an answer that did not come is not the one before it.
  const answered = `${section}_answer${left}`;
  const { ask, answer = APPROVAL, timeoutMs, unanswered } = asking;
  const given =
    unanswered === undefined
      ? answered
      : `has(${answered}) ? dyn(${answered}) : dyn(${JSON.stringify(unanswered)})`;
  const then = [
    human({
      ask,
      answer,
      into: answered,
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(unanswered !== undefined && { onTimeout: "continue" }),
    }),
    transform({ [approvalSection(section)]: `{"answer": ${given}, "roundsLeft": ${left - 1}}` }),
    step(contract, options),
    ...(left > 1 ? [roundOf(contract, left - 1, asking, options)] : []),
  ];
  return choice({
    when: [{ if: `has(${section}.interrupted)`, then: sequence(...then) }],
    otherwise: NOTHING,
  });
}

const NOTHING = transform({});

function outOfRange(rounds: number): SpineError {
  return problemError("flow.invalid", {
    field: "rounds",
    problem: `is ${inWords(rounds)}`,
    repair: `Use 1 to ${MAX_ROUNDS}.`,
  });
}
