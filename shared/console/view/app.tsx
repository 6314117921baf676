import { useEffect, useState } from "preact/hooks";
import { about, address, client, giveToken, go, isEmbedded, token } from "../state/console-page.ts";
import { refusedBy } from "../state/resource.ts";
import { useKeys } from "../state/key-actions.ts";
import { KeyHelp } from "./key-help.tsx";
import { Link } from "./parts.tsx";
import { HealthPage } from "./health-page.tsx";
import { PeoplePage } from "./people-page.tsx";
import { SessionPage } from "./session-page.tsx";
import { SessionsPage } from "./sessions-page.tsx";

const TITLES = { sessions: "Sessions", people: "People", health: "Health" } as const;

/** The console: its head, and the view that the address names. */
export function App() {
  const [helps, setHelps] = useState(false);
  useEffect(() => {
    if (token.value !== undefined)
      client.about().then(
        (read) => (about.value = read),
        (error: unknown) => {
          if (refusedBy(error).status === 401) token.value = undefined;
        },
      );
  }, [token.value]);
  useKeys([
    { key: "?", about: "show the keys", act: () => setHelps(!helps) },
    { key: "S", about: "go to the sessions", act: () => go({ page: "sessions", query: {} }) },
    { key: "P", about: "go to the people's questions", act: () => go({ page: "people" }) },
    { key: "H", about: "go to health and letters", act: () => go({ page: "health" }) },
  ]);
  const view = address.value;
  useEffect(() => {
    document.title = `${view.page === "session" ? view.session : TITLES[view.page]} · Event Spine`;
  }, [view]);
  if (token.value === undefined) return <TokenForm />;
  return (
    <div class={isEmbedded.value ? "shell embedded" : "shell"}>
      {!isEmbedded.value && <Head onHelp={() => setHelps(true)} />}
      <View />
      {helps && <KeyHelp onClose={() => setHelps(false)} />}
    </div>
  );
}

function Head({ onHelp }: { readonly onHelp: () => void }) {
  const { page } = address.value;
  const name = (wanted: string): string => (page === wanted ? "here" : "");
  return (
    <header class="head">
      <span class="brand">Event Spine</span>
      <nav aria-label="Views">
        <Link to={{ page: "sessions", query: {} }} class={page === "session" ? "here" : name("sessions")}>
          Sessions
        </Link>
        <Link to={{ page: "people" }} class={name("people")}>
          People
        </Link>
        <Link to={{ page: "health" }} class={name("health")}>
          Health
        </Link>
      </nav>
      <span class="where">{about.value.where}</span>
      <button type="button" class="quiet" onClick={onHelp}>
        keys <kbd>?</kbd>
      </button>
    </header>
  );
}

function View() {
  const view = address.value;
  switch (view.page) {
    case "sessions":
      return <SessionsPage query={view.query} />;
    case "people":
      return <PeoplePage />;
    case "health":
      return <HealthPage />;
    case "session":
      return <SessionPage key={view.session} address={view} />;
  }
}

/** A tab without the token: it came by a link, or the console was started again. */
function TokenForm() {
  const [text, setText] = useState("");
  const submit = (event: Event): void => {
    event.preventDefault();
    giveToken(/token=([\w-]+)/.exec(text)?.[1] ?? text.trim());
  };
  return (
    <main class="token">
      <h1>Event Spine</h1>
      <p>
        This tab does not have the token of this start. Paste the address that the console printed when it
        started.
      </p>
      <form onSubmit={submit}>
        <label>
          Address or token
          <input
            value={text}
            autocomplete="off"
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
        <button type="submit" class="main">
          Open
        </button>
      </form>
    </main>
  );
}
