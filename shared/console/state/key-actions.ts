import { useLayoutEffect } from "preact/hooks";

export interface KeyAction {
  readonly key: string;
  readonly about: string;
  readonly act: () => void;
}

const active: (readonly KeyAction[])[] = [];

/** What keys do now, the newest first: for the page that lists them. */
export const keyActions = (): readonly KeyAction[] => active.toReversed().flat();

/** Has keys do something while a part is shown. What is typed into a field is text. */
export function useKeys(actions: readonly KeyAction[]): void {
  // As soon as it is drawn: the next key may come before the browser has painted.
  useLayoutEffect(() => {
    active.push(actions);
    return () => void active.splice(active.indexOf(actions), 1);
  });
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (isField(event.target)) {
    if (event.key === "Escape" && event.target instanceof HTMLElement) event.target.blur();
    // A slider takes the brackets; what it does not use is a key as any other.
    if (!(event.target instanceof HTMLInputElement) || event.target.type !== "range") return;
  }
  const found = keyActions().find(({ key }) => key === event.key);
  if (found === undefined) return;
  event.preventDefault();
  found.act();
});
