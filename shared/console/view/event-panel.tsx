import type { OutlineEvent } from "../model/event-outline.ts";
import { client } from "../state/console-page.ts";
import { useResource } from "../state/resource.ts";
import { CommandLine, Empty, EventLink, Trouble, WholeJson } from "./parts.tsx";

/** An event in full, as the log has it: read when it is asked for. */
export function EventPanel({ session, event }: { readonly session: string; readonly event: OutlineEvent }) {
  const { value, error } = useResource(`${session} ${event.sequence}`, () =>
    client.event(session, event.sequence),
  );
  if (error !== undefined) return <Trouble error={error} missing="There is no such event." />;
  if (value === undefined) return <Empty>Reading…</Empty>;
  return (
    <>
      <p>
        Caused by the input at <EventLink sequence={event.cause} />
      </p>
      <WholeJson value={value} label={`Event ${event.sequence}`} />
      <CommandLine name="tail" words={[session, "--json"]} />
    </>
  );
}
