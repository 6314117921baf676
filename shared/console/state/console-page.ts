import { computed, signal } from "@preact/signals";
import { addressOf, readAddress, type PageAddress, type SessionAddress } from "../model/page-address.ts";
import { createConsoleClient, type About } from "../api/console-client.ts";
import { keepToken, takeToken } from "../api/console-token.ts";

/** This start's token; without one the page asks for it. */
export const token = signal<string | undefined>(takeToken());
export const client = createConsoleClient(() => token.peek());

export function giveToken(given: string): void {
  keepToken(given);
  token.value = given;
}

const here = (): PageAddress => readAddress(location.pathname, location.search);

/** Where one is. */
export const address = signal<PageAddress>(here());
addEventListener("popstate", () => (address.value = here()));

/** Goes to a view; `replace` leaves no step to go back to. */
export function go(to: PageAddress, { replace = false }: { readonly replace?: boolean } = {}): void {
  const path = addressOf(to);
  if (path === location.pathname + location.search) return;
  if (replace) history.replaceState(undefined, "", path);
  else history.pushState(undefined, "", path);
  address.value = to;
}

/** Changes the view of the session that one looks at. */
export function alter(change: Partial<SessionAddress>, how?: { readonly replace?: boolean }): void {
  const now = address.peek();
  if (now.page === "session") go({ ...now, ...change }, how);
}

/** Which spine this is, and how its commands are called. */
export const about = signal<About>({ where: "", command: "npm run spine --", options: "" });
export const isEmbedded = computed(() => address.value.page === "session" && address.value.isEmbedded);
