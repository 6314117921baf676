const KEY = "event-spine console token";

/** Takes the token out of the address, so that it is in no history, and keeps it for this tab. */
export function takeToken(): string | undefined {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given !== null) {
    keepToken(given);
    history.replaceState(undefined, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(KEY) ?? undefined;
}

export const keepToken = (token: string): void => sessionStorage.setItem(KEY, token);
