/** What the sessions' list shows. */
export interface ListQuery {
  /** A condition over rows (CEL). */
  readonly filter?: string;
  readonly state?: string;
  readonly flow?: string;
  readonly problem?: string;
}

export const SESSION_VIEWS = ["timeline", "graph", "ledger", "compare"] as const;
export type SessionView = (typeof SESSION_VIEWS)[number];
export const PANELS = ["why", "state", "view", "event", "fork"] as const;
export type Panel = (typeof PANELS)[number];

/** Where one is in the console; each has an address. */
export type PageAddress =
  | { readonly page: "sessions"; readonly query: ListQuery }
  | { readonly page: "people"; readonly session?: string; readonly ask?: string }
  | { readonly page: "health" }
  | {
      readonly page: "session";
      readonly session: string;
      readonly view: SessionView;
      readonly panel: Panel;
      readonly axis: "sequence" | "time";
      /** The selected event. */
      readonly at?: number;
      /** The session that it is compared with. */
      readonly other?: string;
      /** Nothing but the picture, for other pages of this machine. */
      readonly isEmbedded: boolean;
    };

export type SessionAddress = Extract<PageAddress, { readonly page: "session" }>;

const LIST_FIELDS = ["filter", "state", "flow", "problem"] as const;

/** The view of an address; the sessions' list where it names none. */
export function readAddress(path: string, search: string): PageAddress {
  const given = new URLSearchParams(search);
  const text = (name: string): string | undefined => given.get(name) || undefined;
  const [, embed, encoded] = /^(\/embed)?\/s\/([^/]+)$/.exec(path) ?? [];
  if (encoded !== undefined) {
    const [at, other] = [Number(text("at")), text("with")];
    return {
      page: "session",
      session: decoded(encoded),
      view: SESSION_VIEWS.find((view) => view === text("view")) ?? "timeline",
      panel: PANELS.find((panel) => panel === text("panel")) ?? "why",
      axis: text("axis") === "time" ? "time" : "sequence",
      isEmbedded: embed !== undefined,
      ...(Number.isInteger(at) && at > 0 && { at }),
      ...(other !== undefined && { other }),
    };
  }
  if (path === "/people") {
    const [session, ask] = [text("session"), text("ask")];
    return { page: "people", ...(session !== undefined && { session }), ...(ask !== undefined && { ask }) };
  }
  if (path === "/health") return { page: "health" };
  const fields = LIST_FIELDS.flatMap((name) => {
    const value = text(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { page: "sessions", query: Object.fromEntries(fields) };
}

/** The address of a view: path and query. What is as usual is left out. */
export function addressOf(view: PageAddress): string {
  switch (view.page) {
    case "sessions":
      return `/${searchOf(LIST_FIELDS.map((name) => [name, view.query[name]] as const))}`;
    case "people":
      return `/people${searchOf([
        ["session", view.session],
        ["ask", view.ask],
      ])}`;
    case "health":
      return "/health";
    case "session":
      return `${view.isEmbedded ? "/embed" : ""}/s/${encodeURIComponent(view.session)}${searchOf([
        ["view", view.view === "timeline" ? undefined : view.view],
        ["panel", view.panel === "why" ? undefined : view.panel],
        ["axis", view.axis === "sequence" ? undefined : view.axis],
        ["at", view.at === undefined ? undefined : String(view.at)],
        ["with", view.other],
      ])}`;
  }
}

/** The page of a session, as one comes to it. */
export const sessionAddress = (session: string, at?: number): SessionAddress => ({
  page: "session",
  session,
  view: "timeline",
  panel: "why",
  axis: "sequence",
  isEmbedded: false,
  ...(at !== undefined && { at }),
});

function searchOf(fields: readonly (readonly [string, string | undefined])[]): string {
  const given = fields.flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, value]],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
