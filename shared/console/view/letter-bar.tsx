import { useState } from "preact/hooks";
import { counted } from "../model/texts.ts";
import type { DeadLetter } from "../api/console-client.ts";
import { client } from "../state/console-page.ts";
import { refusedBy } from "../state/resource.ts";
import { CommandLine } from "./parts.tsx";

const MOST_LINES = 10;

/** Redrives letters, the oldest first: first what would be done, with the reason that stays with each, then doing it. */
export function LetterBar({
  picked,
  open,
  onPick,
  onDone,
}: {
  readonly picked: readonly DeadLetter[];
  /** Those of the day that an operator can still do something about. */
  readonly open: readonly DeadLetter[];
  readonly onPick: (letters: readonly DeadLetter[]) => void;
  readonly onDone: () => void;
}) {
  const [isPlanned, setPlanned] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [reason, setReason] = useState("");
  const [told, setTold] = useState("");
  const why = reason.trim();
  const act = async (): Promise<void> => {
    setBusy(true);
    let done = 0;
    const problems: string[] = [];
    // What one producer sent goes back in its order: they are listed by their time.
    for (const { letter } of picked) {
      try {
        await client.letter("redrive", letter, why);
        done += 1;
      } catch (error) {
        problems.push(`${letter}: ${refusedBy(error).message}`);
      }
    }
    setBusy(false);
    setPlanned(false);
    setTold([`${counted(done, "letter")} redriven.`, ...problems].join(" "));
    onDone();
  };
  return (
    <div role="group" aria-label="Actions on picked letters">
      <div class="line">
        <strong>{counted(picked.length, "letter")} picked</strong>
        <button type="button" disabled={picked.length === 0} onClick={() => setPlanned(true)}>
          Redrive…
        </button>
        <button type="button" class="quiet" disabled={open.length === 0} onClick={() => onPick(open)}>
          all {open.length} open
        </button>
        <button type="button" class="quiet" disabled={picked.length === 0} onClick={() => onPick([])}>
          none
        </button>
        <span role="status">{told}</span>
      </div>
      {isPlanned && picked.length > 0 && (
        <div class="dry">
          <p>
            Dry run: {counted(picked.length, "letter")} would go back through the coordinator, the oldest
            first. Nothing was done yet.
          </p>
          <label class="line">
            What was repaired{" "}
            <input
              value={reason}
              maxLength={1_000}
              required
              onInput={({ currentTarget }) => setReason(currentTarget.value)}
            />
          </label>
          {picked.slice(0, MOST_LINES).map(({ letter }) => (
            <CommandLine
              key={letter}
              name="dead-letters"
              words={["redrive", letter, "--reason", why === "" ? "what was repaired" : why]}
            />
          ))}
          {picked.length > MOST_LINES && <p class="faint">and {picked.length - MOST_LINES} more</p>}
          <div class="line">
            <button type="button" class="danger" disabled={why === "" || isBusy} onClick={() => void act()}>
              Do it: {counted(picked.length, "letter")}
            </button>
            <button type="button" onClick={() => setPlanned(false)}>
              Leave it
            </button>
          </div>
        </div>
      )}
    </div>
  );
}
