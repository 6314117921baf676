import { useEffect, useRef, useState } from "preact/hooks";
import type { ListQuery } from "../model/page-address.ts";
import { keepView, keptViews, type KeptView } from "../state/kept-views.ts";
import { go } from "../state/console-page.ts";
import { useKeys } from "../state/key-actions.ts";
import { Link } from "./parts.tsx";

const VIEWS: readonly KeptView[] = [
  { name: "All", query: {} },
  { name: "Problems", query: { problem: "any" } },
  { name: "In doubt", query: { problem: "in-doubt" } },
  { name: "Asking", query: { state: "asking" } },
  { name: "Waiting", query: { state: "waiting" } },
  { name: "Running", query: { state: "running" } },
];

/** What the list shows: all of it is in the address. */
export function QueryBar({ query }: { readonly query: ListQuery }) {
  const [text, setText] = useState(query.filter ?? "");
  const [kept, setKept] = useState(keptViews);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => setText(query.filter ?? ""), [query.filter]);
  useKeys([{ key: "/", about: "look for sessions", act: () => field.current?.focus() }]);
  const submit = (event: Event): void => {
    event.preventDefault();
    const { filter: _before, ...rest } = query;
    go({ page: "sessions", query: text.trim() === "" ? rest : { ...rest, filter: text.trim() } });
  };
  const isHere = (view: ListQuery): boolean => JSON.stringify(view) === JSON.stringify(query);
  return (
    <div class="query">
      <nav aria-label="Views of the list" class="views">
        {[...VIEWS, ...kept].map(({ name, query: wanted }) => (
          <Link key={name} to={{ page: "sessions", query: wanted }} class={isHere(wanted) ? "here" : ""}>
            {name}
          </Link>
        ))}
        {![...VIEWS, ...kept].some((view) => isHere(view.query)) && (
          <button type="button" class="quiet" onClick={() => setKept(keepView(query))}>
            keep this view
          </button>
        )}
      </nav>
      <form onSubmit={submit}>
        <label>
          <span class="hidden">Condition over sessions</span>
          <input
            ref={field}
            type="search"
            class="filter"
            value={text}
            placeholder={'a condition, such as money > 0.5 || "triage" in agents   /'}
            spellcheck={false}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
      </form>
    </div>
  );
}
