import fc from "fast-check";
import { expect, it } from "vitest";
import * as z from "zod";
import { createA2aAgent } from "#client/a2a/create-a2a-agent.ts";
import { defineAgent, defineFlow, step } from "#core/index.ts";
import type { JsonObject } from "#core/json.ts";
import { sha256Digest } from "#testing/given-when-then.ts";
import { inProcessSpine } from "#testing/index.ts";
import { inProcessClient } from "../../support/in-process-client.ts";
import { runs } from "../../support/runs.ts";

const echo = defineAgent({ name: "echo", reads: ["input"], output: z.unknown() });
const echoing = defineFlow({ name: "echoing", on: "Said", onBusy: "parallel", plan: step(echo) });

const messages = fc.record({
  id: fc.constantFrom("m1", "m2", "m3"),
  contextId: fc.constantFrom("", "c1", "c2"),
  text: fc.constantFrom("Hello", "Good day"),
  returnImmediately: fc.boolean(),
});

it("a message starts one run in its context however often it comes, and is refused with other words", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(messages, { minLength: 2, maxLength: 10 }),
      fc.boolean(),
      async (sent, atOnce) => {
        const spine = inProcessSpine({
          flows: [echoing],
          agents: [echo.implement(({ context }) => context.input)],
        });
        const agent = createA2aAgent({
          skills: [{ type: "Said", flows: ["echoing"] }],
          schemaOf: () => undefined,
          asksClient: true,
          sha256: (text) => sha256Digest.sha256(text),
          connect: () => inProcessClient(spine, "gateway"),
        });
        const { signal } = new AbortController();
        const send = async ({ id: messageId, contextId, text, returnImmediately }: (typeof sent)[number]) => {
          const message = { role: "ROLE_USER", messageId, contextId, parts: [{ text }] };
          const params = { message, configuration: { returnImmediately } };
          const answer = await agent("SendMessage", params, signal).catch(() => undefined);
          if (answer?.type !== "result") return { taken: undefined, messageId, contextId, text };
          const { task } = answer.result as { readonly task: JsonObject };
          return { taken: task, messageId, contextId, text };
        };
        const answers = [];
        if (atOnce) answers.push(...(await Promise.all(sent.map(send))));
        else for (const one of sent) answers.push(await send(one));

        const known = new Map<string, { readonly id: unknown; readonly text: string }>();
        for (const { taken, messageId, contextId, text } of answers) {
          if (taken === undefined) continue;
          const { id } = known.get(`${contextId}/${messageId}`) ?? { id: taken["id"] };
          expect(taken["id"]).toBe(id);
          known.set(`${contextId}/${messageId}`, { id, text });
          expect(taken["history"]).toMatchObject([{ messageId, parts: [{ data: { text } }] }]);
        }
        for (const { taken, messageId, contextId, text } of answers)
          expect(taken !== undefined).toBe(known.get(`${contextId}/${messageId}`)?.text === text);
        await spine.idle();
        const sessions = new Set(answers.flatMap(({ taken }) => taken?.["contextId"] ?? [])) as Set<string>;
        let begun = 0;
        for (const session of sessions)
          for (const { type } of await spine.reader.events(spine.key(session)))
            if (type === "RunQueued") begun += 1;
        expect(begun).toBe(known.size);
        await spine.close();
      },
    ),
    { numRuns: runs(25) },
  );
});
