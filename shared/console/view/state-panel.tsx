import { useMemo, useState } from "preact/hooks";
import { pathsOfState, stateChanges } from "../model/state-paths.ts";
import { counted } from "../model/texts.ts";
import { eventAt } from "../state/open-session.ts";
import { client } from "../state/console-page.ts";
import { useResource } from "../state/resource.ts";
import { CommandLine, Empty, EventLink, ShortJson, Trouble } from "./parts.tsx";

const MOST_ROWS = 100;

/** The state after an event, what the event changed, and who wrote each path. */
export function StatePanel({ session, at }: { readonly session: string; readonly at: number }) {
  const [text, setText] = useState("");
  const [most, setMost] = useState(MOST_ROWS);
  const { value, error } = useResource(`${session} ${at}`, () =>
    Promise.all([
      at > 1 ? client.state(session, at - 1) : Promise.resolve(undefined),
      client.state(session, at),
    ] as const),
  );
  const paths = useMemo(() => (value === undefined ? [] : pathsOfState(value[1])), [value]);
  if (error !== undefined) return <Trouble error={error} missing="This deployment shows no states." />;
  if (value === undefined) return <Empty>Reading…</Empty>;
  const changes = stateChanges(value[0], value[1]);
  const shown = paths.filter(({ path }) => path.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <>
      <section class="card">
        <h3>Changed by this event</h3>
        {changes.length === 0 ? (
          <Empty>Nothing in the context.</Empty>
        ) : (
          <table class="diff">
            <thead>
              <tr>
                <th scope="col">path</th>
                <th scope="col">before</th>
                <th scope="col">after</th>
              </tr>
            </thead>
            <tbody>
              {changes.map(({ path, run, one, other }) => (
                <tr key={`${run ?? ""} ${path}`}>
                  <td>
                    <PathName path={path} run={run} />
                  </td>
                  <td class="before">
                    <ShortJson value={one} />
                  </td>
                  <td class="after">
                    <ShortJson value={other} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section class="card">
        <h3>After event {at}</h3>
        <label class="search">
          <span class="hidden">Look for paths</span>
          <input
            type="search"
            placeholder="look for a path"
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
        <table>
          <thead>
            <tr>
              <th scope="col">path</th>
              <th scope="col">value</th>
              <th scope="col">written by</th>
            </tr>
          </thead>
          <tbody>
            {shown.slice(0, most).map(({ path, run, value: found, writtenAt }) => (
              <tr key={`${run ?? ""} ${path}`} class={writtenAt === at ? "new" : ""}>
                <td>
                  <PathName path={path} run={run} />
                </td>
                <td>
                  <ShortJson value={found} />
                </td>
                <td>
                  <EventLink sequence={writtenAt} />{" "}
                  <span class="faint">{eventAt(writtenAt)?.type ?? ""}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {shown.length > most && (
          <button type="button" onClick={() => setMost(most * 2)}>
            Show more; {counted(shown.length - most, "path")} are not shown
          </button>
        )}
      </section>
      <CommandLine name="show" words={[session, "--at", String(at)]} />
    </>
  );
}

/** A path, and that it is a run's own as long as the run is under way. */
const PathName = ({ path, run }: { readonly path: string; readonly run: string | undefined }) => (
  <>
    <code>{path}</code>
    {run !== undefined && (
      <span class="faint" title={`on the sheet of run ${run}`}>
        {" "}
        run’s own
      </span>
    )}
  </>
);
