import type { SpineClient } from "#client/client.ts";
import { COMMANDS } from "../../scripts/spine/commands.ts";

/** Runs a command of `npm run spine` that reaches the spine by its client alone, and gives what it prints. */
export async function runCommand(
  client: SpineClient,
  name: string,
  ...args: readonly string[]
): Promise<string> {
  const printed: string[] = [];
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) throw new Error(`There is no command ${name}.`);
  await command.parse(args).run({
    client,
    target: undefined as never, // such a command asks nothing else
    print: (text) => void printed.push(text),
    stopped: new AbortController().signal,
    colours: false,
  });
  return printed.join("\n");
}
