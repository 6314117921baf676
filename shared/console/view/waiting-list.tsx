import { useState } from "preact/hooks";
import { counted, span, stepText } from "../model/texts.ts";
import type { SessionRow } from "../model/session-row.ts";
import { client } from "../state/console-page.ts";
import { useResource } from "../state/resource.ts";
import { CommandLine, Empty, SessionLink, Trouble } from "./parts.tsx";

const MOST = 50;

/** Sessions with what they wait for, and when the spine acts by itself. */
export function WaitingList({ rows, none }: { readonly rows: readonly SessionRow[]; readonly none: string }) {
  const [open, setOpen] = useState<string | undefined>(undefined);
  const { value, error } = useResource(open, () => client.explanation(open ?? ""));
  if (rows.length === 0) return <Empty>{none}</Empty>;
  return (
    <ul class="waiting">
      {rows.slice(0, MOST).map(({ session, waitsFor, problem }) => (
        <li key={session}>
          <SessionLink session={session} />{" "}
          <span class="faint">
            {problem !== undefined && `${problem.kind} · `}
            {waitsFor !== undefined && `${waitsFor.kind} ${stepText(waitsFor.name)}`}
            {waitsFor?.until !== undefined &&
              `, the spine acts in ${span(Math.max(0, waitsFor.until - Date.now()))}`}
          </span>{" "}
          <button
            type="button"
            class="link"
            aria-expanded={open === session}
            onClick={() => setOpen(open === session ? undefined : session)}
          >
            explain
          </button>
          {open === session && (
            <div class="explained">
              {error !== undefined && <Trouble error={error} missing="This session cannot be read." />}
              {value?.waitsFor.map((text) => (
                <p key={text}>{text}</p>
              ))}
              <CommandLine name="explain" words={[session]} />
            </div>
          )}
        </li>
      ))}
      {rows.length > MOST && <li class="faint">and {counted(rows.length - MOST, "more session")}</li>}
    </ul>
  );
}
