export interface InvitationOptions {
  readonly url: string;
  /** What tells `npm run spine` which spine is meant; nothing where it finds it by itself. */
  readonly local: string | undefined;
  /** The console's address, with its token. */
  readonly console: string;
  /** What the functions print. */
  readonly outputFile: string;
}

/** What to paste into a terminal to talk to the spine. */
export function invitation({ url, local, console: page, outputFile }: InvitationOptions): string {
  const post = (path: string, wait: number, body: string) =>
    `  curl -sS ${url}${path} \\\n    -H 'Content-Type: application/json' -H 'Prefer: wait=${wait}' \\\n    -d '${body}'`;
  const spine = (text: string) =>
    `  npm run spine -- ${text}${local === undefined ? "" : ` --local ${local}`}`;
  return `Event Spine listens on ${url}, for this machine only. The header X-Producer names the producer
(default "curl"). Its functions print into ${outputFile}
See its sessions, and why they went as they did:

  ${page}

Paste into another terminal:

${spine('send demo MessageReceived --text "I\'d like to book a boiler service"')}
${spine("show demo")}

Send an event and get the reply on the same request:
${post("/sessions/kitchen/events", 10, '{"type":"MessageReceived","data":{"text":"Could a plumber come one morning next week? The kitchen tap is dripping."}}')}

Send a message that the agents are unsure about, so that a person is asked:
${post("/sessions/garden/events", 1, '{"type":"MessageReceived","data":{"text":"Cancel my visit or maybe move it to next week, I have not made up my mind"}}')}

See what that session waits for, and where to answer:
  curl -sS ${url}/sessions/garden/explain

Answer as that person (replace ASK with the question's id):
${post("/sessions/garden/asks/ASK", 10, '{"value":{"decision":"answer","note":"Take your time: your visit stays as it is until you call."}}')}

Read the log of a session, and its state after any event:
  curl -sS '${url}/sessions/kitchen/events?after=0'
  curl -sS '${url}/sessions/kitchen/state?at=9'

Stop with Ctrl-C.`;
}
