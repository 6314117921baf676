import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { workFolder } from "#node/own-files.ts";

/** An application whose files are written as by somebody who works on it; inside the project, so that its packages are found. */
export interface EditedApp {
  readonly folder: string;
  readonly app: string;
  readonly data: string;
  save(file: string, text: string): void;
  remove(): void;
}

/** A greeting by one agent, at once or after a person has agreed. */
export const APP = `
import { defineFlow, human, reply, sequence, step, type Agent, type ApplicationDefinition } from "event-spine";
import * as z from "zod";
import { hello, helloAgent } from "./agents/hello.ts";

const asked = z.object({ who: z.string() });
const greets = [step(hello), reply("hello")] as const;
export const agents: readonly Agent[] = [helloAgent];
export const applicationDefinition: ApplicationDefinition = {
  flows: [
    defineFlow({ name: "hello", on: "HelloAsked", plan: sequence(...greets) }),
    defineFlow({ name: "later", on: "HelloLater", plan: sequence(human({ ask: "Shall we?" }), ...greets) }),
  ],
  events: { HelloAsked: asked, HelloLater: asked },
};
`;

export const agentThatSays = (word: string): string => `
import { defineAgent } from "event-spine";
import * as z from "zod";

export const hello = defineAgent({ name: "hello", reads: ["input"], output: z.object({ text: z.string() }) });
export const helloAgent = hello.implement(({ context }) => ({ text: \`${word} \${context.input.who}\` }));
`;

export function editedApp(): EditedApp {
  const home = workFolder("edited");
  mkdirSync(home, { recursive: true });
  const folder = mkdtempSync(join(home, "app-"));
  const save = (file: string, text: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  save("spine.ts", APP);
  save("agents/hello.ts", agentThatSays("Hello"));
  return {
    folder,
    app: join(folder, "spine.ts"),
    data: join(folder, ".event-spine"),
    save,
    remove: () => rmSync(folder, { recursive: true }),
  };
}
