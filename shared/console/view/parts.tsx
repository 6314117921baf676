import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Json } from "#core/json.ts";
import { commandLine } from "../model/command-lines.ts";
import { addressOf, sessionAddress, type PageAddress } from "../model/page-address.ts";
import { counted, shortJson } from "../model/texts.ts";
import type { Refused } from "../api/console-client.ts";
import { eventAt } from "../state/open-session.ts";
import { about, alter, go } from "../state/console-page.ts";

/** A link within the console: a new tab where the reader wants one. */
export function Link({
  to,
  class: name,
  children,
}: {
  readonly to: PageAddress;
  readonly class?: string;
  readonly children: ComponentChildren;
}) {
  const follow = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={addressOf(to)} onClick={follow} class={name ?? ""}>
      {children}
    </a>
  );
}

export const SessionLink = ({ session, at }: { readonly session: string; readonly at?: number }) => (
  <Link to={sessionAddress(session, at)}>{session}</Link>
);

/** An event by its sequence: selects it. */
export const EventLink = ({ sequence }: { readonly sequence: number }) =>
  sequence === 0 ? (
    <span class="faint">no event</span>
  ) : (
    <button
      type="button"
      class="link"
      title={eventAt(sequence)?.type ?? ""}
      onClick={() => alter({ at: sequence })}
    >
      #{sequence}
    </button>
  );

/** The command that does the same, to copy. */
export function CommandLine({ name, words }: { readonly name: string; readonly words: readonly string[] }) {
  const [isCopied, setCopied] = useState(false);
  const text = commandLine(about.value, name, ...words);
  const copy = (): void => void navigator.clipboard?.writeText(text).then(() => setCopied(true));
  return (
    <div class="command">
      <code>{text}</code>
      <button type="button" class="quiet" onClick={copy} aria-label={`Copy the command ${name}`}>
        {isCopied ? "copied" : "copy"}
      </button>
    </div>
  );
}

/** What is wrong, or that this deployment lacks a part. */
export const Trouble = ({ error, missing }: { readonly error: Refused; readonly missing: string }) => (
  <p class={error.isMissing ? "notice" : "notice bad"} role="status">
    {error.isMissing ? missing : error.message}
  </p>
);

export const Empty = ({ children }: { readonly children: ComponentChildren }) => (
  <p class="empty">{children}</p>
);

const MOST = 4_000;

/** A value in full; of a long one the beginning, and how much more there is. */
export function WholeJson({ value, label }: { readonly value: unknown; readonly label: string }) {
  const [isWhole, setWhole] = useState(false);
  const text = JSON.stringify(value, undefined, 2) ?? "nothing";
  const isCut = !isWhole && text.length > MOST;
  return (
    <>
      <pre class="json" tabIndex={0} role="region" aria-label={label}>
        {isCut ? text.slice(0, MOST) : text}
      </pre>
      {isCut && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {counted(text.length, "character")}; {counted(text.length - MOST, "character")} are not
          shown
        </button>
      )}
    </>
  );
}

/** A value on one line, its whole text on demand. */
export function ShortJson({ value }: { readonly value: Json | undefined }) {
  const [isOpen, setOpen] = useState(false);
  if (value === undefined) return <span class="faint">nothing</span>;
  const short = shortJson(value);
  const whole = JSON.stringify(value);
  if (short === whole) return <code class="value">{short}</code>;
  return isOpen ? (
    <WholeJson value={value} label="A value" />
  ) : (
    <button type="button" class="value link" onClick={() => setOpen(true)} title="Show all of it">
      {short}
    </button>
  );
}

/** Buttons of which one is on. */
export function Choices<const Name extends string>({
  label,
  names,
  chosen,
  onChoose,
}: {
  readonly label: string;
  readonly names: readonly Name[];
  readonly chosen: Name;
  readonly onChoose: (name: Name) => void;
}) {
  return (
    <div class="choices" role="group" aria-label={label}>
      {names.map((name) => (
        <button key={name} type="button" aria-pressed={name === chosen} onClick={() => onChoose(name)}>
          {name}
        </button>
      ))}
    </div>
  );
}

export const Figure = ({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}) => (
  <div class="figure">
    <dt>{label}</dt>
    <dd>{children}</dd>
  </div>
);
