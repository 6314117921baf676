import { isJsonObject, type JsonObject } from "#core/json.ts";
import { forkRows } from "../model/fork-rows.ts";
import { counted, money, stepText } from "../model/texts.ts";
import { Empty, WholeJson } from "./parts.tsx";

/** What a fork would reuse, what it would run anew, and what that may cost. */
export function ForkPlan({ plan }: { readonly plan: JsonObject }) {
  const rows = forkRows(plan);
  const { tokens, money: cost } = isJsonObject(plan["mayCost"]) ? plan["mayCost"] : {};
  return (
    <>
      {rows.length === 0 ? (
        <Empty>No step is open or ahead.</Empty>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">what</th>
              <th scope="col">step</th>
              <th scope="col">how</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ what, step, note }) => (
              <tr key={`${what} ${step}`}>
                <td>{what}</td>
                <td>
                  <code>{stepText(step)}</code>
                </td>
                <td>{note}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p>
        It may cost {counted(Number(tokens ?? 0), "token")} and {money(Number(cost ?? 0))}.
      </p>
      <details>
        <summary>All that the preview says</summary>
        <WholeJson value={plan} label="Preview of the fork" />
      </details>
    </>
  );
}
