import { Fragment } from "preact";
import { levelOf, scoreText } from "../model/score-words.ts";
import { scores } from "../state/reply-scores.ts";
import { CommandLine } from "./parts.tsx";
import { Status } from "./shape.tsx";

/** What scorers said of a reply, beside what it is about. */
export const ScoresInRow = ({ sequence }: { readonly sequence: number }) => (
  <>
    {(scores.value.get(sequence) ?? []).map(({ scorer, score, label }) => {
      const { shape, word } = levelOf(score);
      return (
        <Fragment key={scorer}>
          {" "}
          <Status
            name={shape}
            word={`${scorer} ${scoreText({ score })} ${word}${label === undefined ? "" : `, ${label}`}`}
          />
        </Fragment>
      );
    })}
  </>
);

/** The same as a table, for the selected reply; nothing where it has no scores. */
export function ScoresCard({ session, sequence }: { readonly session: string; readonly sequence: number }) {
  const found = scores.value.get(sequence);
  if (found === undefined) return null;
  return (
    <section class="card scores">
      <h3>Scores of this reply</h3>
      <table>
        <thead>
          <tr>
            {["scorer", "score", "level", "label"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {found.map(({ scorer, version, score, label }) => {
            const { shape, word } = levelOf(score);
            return (
              <tr key={scorer}>
                <th scope="row">{version === undefined ? scorer : `${scorer} ${version}`}</th>
                <td>{scoreText({ score })}</td>
                <td>
                  <Status name={shape} word={word} />
                </td>
                <td>{label ?? ""}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <CommandLine name="scores" words={[session]} />
    </section>
  );
}
