import type { ReusedOutcome } from "../model/ledger.ts";
import { counted, stepText } from "../model/texts.ts";
import { EventLink } from "./parts.tsx";

const MOST_REUSED = 100;

/** What the agents of a fork's origin came to, and this session uses again. */
export const ReusedTable = ({ outcomes }: { readonly outcomes: readonly ReusedOutcome[] }) => (
  <table class="numbers reused">
    <caption>Reused of the origin: no agent was called</caption>
    <thead>
      <tr>
        <th scope="col">event</th>
        <th scope="col">agent</th>
        <th scope="col">step</th>
        <th scope="col">event of the origin</th>
        <th scope="col">tokens saved</th>
      </tr>
    </thead>
    <tbody>
      {outcomes.slice(0, MOST_REUSED).map(({ sequence, agent, step, from, tokens }) => (
        <tr key={sequence}>
          <td>
            <EventLink sequence={sequence} />
          </td>
          <td>{agent}</td>
          <td>{stepText(step)}</td>
          <td>{from}</td>
          <td>{tokens.toLocaleString("en")}</td>
        </tr>
      ))}
      {outcomes.length > MOST_REUSED && (
        <tr>
          <td colSpan={5}>{counted(outcomes.length - MOST_REUSED, "more outcome")}</td>
        </tr>
      )}
    </tbody>
  </table>
);
