/** How commands are called here, and what names the spine in them. */
export interface CommandCall {
  /** `npm run spine --` or `npx event-spine`. */
  readonly command: string;
  /** Options that say which spine is meant, with a space in front; empty for the one on this machine. */
  readonly options: string;
}

const PLAIN = /^[\w@%+=:,./-]+$/;

/** A word of a command line as a shell reads it. */
export const quoted = (word: string): string =>
  PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** The command line that does what the page does. */
export const commandLine = (
  { command, options }: CommandCall,
  name: string,
  ...words: readonly string[]
): string => `${[command, name, ...words.map(quoted)].join(" ")}${options}`;
