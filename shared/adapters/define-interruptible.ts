import type { StandardSchemaV1 } from "@standard-schema/spec";
import * as z from "zod/mini";
import { defineAgent, type AgentDefinition, type Contract, type UntypedView } from "#core/contract.ts";
import { isJsonObject } from "#core/json.ts";
import { approvalSection, INTERRUPTED, type Interrupted } from "./interruption.ts";

export interface InterruptibleDefinition<View, Result> extends Omit<
  AgentDefinition<View, Result>,
  "output" | "keeps" | "later"
> {
  /** What it answers when it is done; a schema of zod 4. */
  readonly output: z.core.$ZodType<Result>;
}

/**
 * A contract whose agent may ask a person before it goes on: `withApproval` puts it into a plan. It also reads what it left in its section
 * when it asked, and the person's answer; its output may be the question.
 *
 * @example
 * const assistant = defineInterruptible({ name: "assistant", output: z.object({ text: z.string() }) });
 * const helping = defineFlow({ name: "helping", on: "HelpAsked", plan: withApproval(assistant, { ask: "May it do that?" }) });
 */
export function defineInterruptible<Result, View = UntypedView>({
  output,
  input,
  reads = ["input"],
  personal,
  ...rest
}: InterruptibleDefinition<View, Result>): Contract<View, Result | Interrupted> {
  const section = rest.writes ?? rest.name.replaceAll("-", "_");
  const own = [section, approvalSection(section)];
  return defineAgent<Result | Interrupted, View>({
    ...rest,
    reads: [...reads, ...own.filter((path) => !reads.includes(path))],
    // What came as JSON is JSON: the schema leaves it out.
    output: z.union([INTERRUPTED, output]) as StandardSchemaV1<unknown, Result | Interrupted>,
    ...(input !== undefined && { input: keeping(input, own) }),
    // A question and a checkpoint may have all that the agent has seen.
    ...(personal !== undefined && { personal: "none" in personal ? personal : [...personal, "interrupted"] }),
  });
}

/** The same schema, but for these sections: they reach the adapter however strict it is. */
function keeping<View>(
  input: StandardSchemaV1<unknown, View>,
  sections: readonly string[],
): StandardSchemaV1<unknown, View> {
  return {
    "~standard": {
      version: 1,
      vendor: "event-spine",
      validate: async (view) => {
        if (!isJsonObject(view)) return input["~standard"].validate(view);
        const isOwn = ([name]: readonly [string, unknown]) => sections.includes(name);
        const fields = Object.entries(view);
        const checked = await input["~standard"].validate(
          Object.fromEntries(fields.filter((field) => !isOwn(field))),
        );
        if (checked.issues !== undefined) return checked;
        return { value: { ...checked.value, ...Object.fromEntries(fields.filter(isOwn)) } };
      },
    },
  };
}
