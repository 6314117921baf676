import type { ListQuery } from "../model/page-address.ts";

/** A view of the list that its reader kept, in this browser. */
export interface KeptView {
  readonly name: string;
  readonly query: ListQuery;
}

const KEY = "event-spine console views";
const MOST = 20;

export function keptViews(): readonly KeptView[] {
  try {
    // Written by this page alone.
    return JSON.parse(localStorage.getItem(KEY) ?? "[]") as readonly KeptView[];
  } catch {
    return [];
  }
}

/** Keeps a view under what it asks for. */
export function keepView(query: ListQuery): readonly KeptView[] {
  const name = Object.values(query).join(", ");
  const views = [...keptViews().filter((view) => view.name !== name), { name, query }].slice(-MOST);
  localStorage.setItem(KEY, JSON.stringify(views));
  return views;
}
