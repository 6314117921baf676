import { quoted } from "#console/model/command-lines.ts";

export interface InvitationOptions {
  readonly url: string;
  /** What tells `npm run spine` which spine is meant; nothing where it finds it by itself. */
  readonly local: string | undefined;
  /** The console's address, with its token. */
  readonly console: string;
  /** What the functions print. */
  readonly outputFile: string;
  /** Whether there are sample conversations that could be played. */
  readonly samples: boolean;
}

/** Where to look, and what to paste into a terminal to talk to the spine. */
export function invitation({ url, local, console: page, outputFile, samples }: InvitationOptions): string {
  const spine = (text: string) =>
    `  npm run spine -- ${text}${local === undefined ? "" : ` --local ${quoted(local)}`}`;
  return `The console:

  ${page}

Paste into another terminal:

${spine('send demo MessageReceived --text "I\'d like to book a boiler service"')}
${spine("show demo")}
  curl -sS ${url}/sessions/kitchen/events -H 'Content-Type: application/json' -H 'Prefer: wait=10' \\
    -d '{"type":"MessageReceived","data":{"text":"Could a plumber come one morning next week? The kitchen tap is dripping."}}'

Event Spine listens on ${url}, for this machine only; all requests: docs/http.md. Its functions print into ${outputFile}${samples ? "\nSample conversations: npm start -- --samples" : ""}`;
}
