import { useState } from "preact/hooks";
import { isOpenLetter } from "../model/health-rows.ts";
import { counted } from "../model/texts.ts";
import type { DeadLetter } from "../api/console-client.ts";
import { about } from "../state/console-page.ts";
import { LetterBar } from "./letter-bar.tsx";
import { CommandLine, Empty, SessionLink } from "./parts.tsx";

const MOST = 50;

/** The dead letters of a day: each with its commands, and many to redrive at once. */
export function LettersCard({
  letters,
  day,
  onDone,
}: {
  readonly letters: readonly DeadLetter[];
  readonly day: string;
  readonly onDone: () => void;
}) {
  const [open, setOpen] = useState<string | undefined>(undefined);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  if (letters.length === 0) return <Empty>There is none.</Empty>;
  const canOperate = about.value.operates === true;
  const openLetters = letters.filter(isOpenLetter);
  const pick = (letter: string): void => {
    const now = new Set(picked);
    if (!now.delete(letter)) now.add(letter);
    setPicked(now);
  };
  return (
    <>
      {canOperate && (
        <LetterBar
          picked={letters.filter(({ letter }) => picked.has(letter))}
          open={openLetters}
          onPick={(some) => setPicked(new Set(some.map(({ letter }) => letter)))}
          onDone={() => {
            setPicked(new Set());
            onDone();
          }}
        />
      )}
      <table>
        <thead>
          <tr>
            {canOperate && (
              <th scope="col" class="c-mark">
                ✓
              </th>
            )}
            <th scope="col">queue</th>
            <th scope="col">state</th>
            <th scope="col">session</th>
            <th scope="col">do</th>
          </tr>
        </thead>
        <tbody>
          {letters.slice(0, MOST).map((one) => (
            <tr key={one.letter}>
              {canOperate && (
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Pick the letter ${one.letter}`}
                    disabled={!isOpenLetter(one)}
                    checked={picked.has(one.letter)}
                    onChange={() => pick(one.letter)}
                  />
                </td>
              )}
              <td>{one.queue}</td>
              <td>{one.state}</td>
              <td>
                {one.session === undefined ? "nobody’s" : <SessionLink session={one.session.session} />}
              </td>
              <td>
                <button
                  type="button"
                  class="link"
                  aria-expanded={open === one.letter}
                  onClick={() => setOpen(open === one.letter ? undefined : one.letter)}
                >
                  commands
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {letters.length > MOST && (
        <p class="faint">and {counted(letters.length - MOST, "more letter")}: see the command</p>
      )}
      {open === undefined ? (
        <CommandLine name="dead-letters" words={["list", "--date", day]} />
      ) : (
        <>
          <CommandLine name="dead-letters" words={["show", open]} />
          <CommandLine name="dead-letters" words={["redrive", open, "--reason", "what was repaired"]} />
          <CommandLine
            name="dead-letters"
            words={["discard", open, "--reason", "why nothing is left to do"]}
          />
        </>
      )}
    </>
  );
}
