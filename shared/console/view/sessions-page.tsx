import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { sessionAddress, type ListQuery } from "../model/page-address.ts";
import {
  withFresh,
  withNewer,
  withPage,
  inOrder,
  type ListedRows,
  type SessionRow,
} from "../model/session-row.ts";
import { ago, counted, money, span, stepText } from "../model/texts.ts";
import type { Refused } from "../api/console-client.ts";
import { client, go } from "../state/console-page.ts";
import { refusedBy, useEvery } from "../state/resource.ts";
import { useKeys } from "../state/key-actions.ts";
import { BulkBar } from "./bulk-bar.tsx";
import { CommandLine, SessionLink, Trouble } from "./parts.tsx";
import { QueryBar } from "./query-bar.tsx";
import { RowList, type Column } from "./row-list.tsx";
import { Status } from "./shape.tsx";

const COLUMNS: readonly Column[] = [
  { name: "✓", class: "c-pick" },
  { name: "session", class: "c-session" },
  { name: "state", class: "c-state" },
  { name: "problem", class: "c-problem" },
  { name: "waits for", class: "c-waits" },
  { name: "last event", class: "c-time" },
  { name: "events", class: "c-num" },
  { name: "flows", class: "c-flows" },
  { name: "tokens", class: "c-num" },
  { name: "money", class: "c-num" },
];
const POLL_MS = 3_000;

/** Every session, those with problems first; nothing moves while one looks at it. */
export function SessionsPage({ query }: { readonly query: ListQuery }) {
  const [rows, setRows] = useState<ListedRows>({ shown: [], fresh: [] });
  const [cursor, setCursor] = useState<string | undefined>(undefined);
  const [scanned, setScanned] = useState(0);
  const [error, setError] = useState<Refused | undefined>(undefined);
  const [isLoaded, setLoaded] = useState(false);
  const [at, setAt] = useState(0);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const reading = useRef(false);
  const key = JSON.stringify(query);

  useEffect(() => {
    let isWanted = true;
    setLoaded(false);
    setError(undefined);
    // Problems are on top of the whole list, not only of its first page.
    const isAll = Object.keys(query).length === 0;
    const problems = isAll
      ? client.sessions({ problem: "any" })
      : Promise.resolve({ sessions: [], scanned: 0 });
    Promise.all([client.sessions(query), problems]).then(
      ([page, { sessions: first }]) => {
        if (!isWanted) return;
        setRows(withPage({ shown: inOrder(first), fresh: [] }, page.sessions));
        setCursor(page.cursor);
        setScanned(page.scanned);
        setLoaded(true);
      },
      (problem: unknown) => isWanted && setError(refusedBy(problem)),
    );
    return () => void (isWanted = false);
  }, [key]);

  const poll = useCallback(() => {
    if (isLoaded)
      client.sessions(query).then(
        (page) => setRows((now) => withNewer(now, page.sessions)),
        () => undefined,
      );
  }, [key, isLoaded]);
  useEvery(POLL_MS, poll, key);

  const more = (): void => {
    if (cursor === undefined || reading.current) return;
    reading.current = true;
    client
      .sessions(query, cursor)
      .then(
        (page) => {
          setRows((now) => withPage(now, page.sessions));
          setCursor(page.cursor);
          setScanned((now) => now + page.scanned);
        },
        (problem: unknown) => setError(refusedBy(problem)),
      )
      .finally(() => (reading.current = false));
  };

  const { shown, fresh } = rows;
  const move = (by: number): void => setAt(Math.max(0, Math.min(shown.length - 1, at + by)));
  const pick = (session: string | undefined): void => {
    if (session === undefined) return;
    const now = new Set(picked);
    if (!now.delete(session)) now.add(session);
    setPicked(now);
  };
  useKeys([
    { key: "j", about: "the next session", act: () => move(1) },
    { key: "k", about: "the session before", act: () => move(-1) },
    { key: "]", about: "ten sessions on", act: () => move(10) },
    { key: "[", about: "ten sessions back", act: () => move(-10) },
    { key: "x", about: "pick the session for an action", act: () => pick(shown[at]?.session) },
    { key: "n", about: "show the new sessions", act: () => setRows(withFresh) },
    {
      key: "Enter",
      about: "open the session",
      act: () => shown[at] !== undefined && go(sessionAddress(shown[at].session)),
    },
  ]);

  return (
    <main class="page list">
      <h1 class="hidden">Sessions</h1>
      <QueryBar query={query} />
      {error !== undefined && <Trouble error={error} missing="This deployment has no list of sessions." />}
      {error?.isMissing && <OpenByName />}
      <div class="bar-line">
        <span class="faint" role="status">
          {isLoaded &&
            `${counted(shown.length, "session")}${cursor === undefined ? "" : " so far"}${query.filter === undefined ? "" : `, ${counted(scanned, "row")} read`}`}
        </span>
        {fresh.length > 0 && (
          <button type="button" class="fresh" onClick={() => setRows(withFresh)}>
            {fresh.length} new
          </button>
        )}
      </div>
      {picked.size > 0 && (
        <BulkBar
          rows={shown.filter(({ session }) => picked.has(session))}
          onClear={() => setPicked(new Set())}
        />
      )}
      {error?.isMissing !== true && (
        <RowList
          label="Sessions"
          columns={COLUMNS}
          count={shown.length}
          selected={at}
          onSelect={setAt}
          onEnd={more}
          rowClass={(row) => (shown[row]?.problem === undefined ? "" : "problem")}
          cells={(row) =>
            cellsOf(shown[row], { isPicked: picked.has(shown[row]?.session ?? ""), onPick: pick })
          }
        />
      )}
      {isLoaded && shown.length === 0 && cursor !== undefined && (
        <button type="button" onClick={more}>
          None among the rows read; read on
        </button>
      )}
      <CommandLine
        name="sessions"
        words={Object.entries(query).flatMap(([name, value]) => [`--${name}`, String(value)])}
      />
    </main>
  );
}

interface Picking {
  readonly isPicked: boolean;
  readonly onPick: (session: string) => void;
}

function cellsOf(row: SessionRow | undefined, { isPicked, onPick }: Picking) {
  if (row === undefined) return [];
  const { session, state, problem, waitsFor, lastAt, sequence, flows, tokens, money: cost } = row;
  const now = Date.now();
  return [
    <input
      type="checkbox"
      aria-label={`Pick ${session}`}
      checked={isPicked}
      onChange={() => onPick(session)}
    />,
    <SessionLink session={session} />,
    <Status name={state} />,
    problem !== undefined && (
      <Status
        name="problem"
        word={`${problem.kind}${problem.step === undefined ? "" : ` at ${stepText(problem.step)}`}`}
      />
    ),
    waitsFor !== undefined &&
      `${waitsFor.kind} ${stepText(waitsFor.name)}${waitsFor.until === undefined ? "" : `, ${waitsFor.until > now ? span(waitsFor.until - now) : "due"}`}`,
    ago(lastAt, now),
    sequence,
    flows.map(({ name, runs }) => (runs > 1 ? `${name} ×${runs}` : name)).join(", "),
    tokens === 0 ? "" : tokens.toLocaleString("en"),
    cost === 0 ? "" : money(cost),
  ];
}

/** A session can be opened by its name even where there is no list. */
function OpenByName() {
  const [name, setName] = useState("");
  const submit = (event: Event): void => {
    event.preventDefault();
    if (name.trim() !== "") go(sessionAddress(name.trim()));
  };
  return (
    <form class="line" onSubmit={submit}>
      <label>
        Session <input value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} />
      </label>
      <button type="submit" class="main">
        Open
      </button>
    </form>
  );
}
