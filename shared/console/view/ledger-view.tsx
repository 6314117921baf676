import { useMemo } from "preact/hooks";
import { ledgerOf, type BudgetPoint, type LedgerLine, type ReusedOutcome } from "../model/ledger.ts";
import { counted, money, stepText } from "../model/texts.ts";
import { events } from "../state/open-session.ts";
import { alter } from "../state/console-page.ts";
import { CommandLine, Empty, EventLink, Figure } from "./parts.tsx";
import { RowList, type Column } from "./row-list.tsx";

const ATTEMPT_COLUMNS: readonly Column[] = [
  { name: "#", class: "c-seq" },
  { name: "agent", class: "c-who" },
  { name: "step", class: "c-step" },
  { name: "try", class: "c-num" },
  { name: "outcome", class: "c-time" },
  { name: "tokens", class: "c-num" },
  { name: "money", class: "c-num" },
  { name: "for nothing", class: "c-rest" },
];

/** What the session's agents cost, and how much of it was for nothing. */
export function LedgerView({ session }: { readonly session: string }) {
  const ledger = useMemo(() => ledgerOf(events.value), [events.value]);
  const { total, waste, attempts, reused } = ledger;
  const lost = `${counted(total.wastedTokens, "token")}, ${money(total.wastedMoney)}`;
  return (
    <div class="ledger">
      <dl class="figures">
        <Figure label="attempts">{total.attempts}</Figure>
        <Figure label="tokens">{total.tokens.toLocaleString("en")}</Figure>
        <Figure label="money">{money(total.money)}</Figure>
        <Figure label="for nothing">{lost}</Figure>
        {(["stale", "late", "retried"] as const).map((why) => (
          <Figure key={why} label={`of that ${why}`}>
            {waste[why].attempts} · {waste[why].tokens.toLocaleString("en")}
          </Figure>
        ))}
        {reused.length > 0 && <Figure label="reused of the origin">{reused.length}</Figure>}
      </dl>
      <Budgets points={ledger.budgets} />
      <div class="two">
        <Lines caption="By agent" lines={ledger.agents} />
        <Lines
          caption="By step"
          lines={ledger.steps.map((line) => ({ ...line, name: stepText(line.name) }))}
        />
      </div>
      {attempts.length === 0 ? (
        <Empty>No agent was called.</Empty>
      ) : (
        <RowList
          label="Attempts"
          columns={ATTEMPT_COLUMNS}
          count={attempts.length}
          selected={-1}
          onSelect={(row) => alter({ at: attempts[row]?.sequence ?? 1 })}
          rowClass={(row) => (attempts[row]?.waste === undefined ? "" : "problem")}
          cells={(row) => {
            const cost = attempts[row];
            if (cost === undefined) return [];
            return [
              <button type="button" class="link" aria-label={`Select event ${cost.sequence}`}>
                {cost.sequence}
              </button>,
              cost.agent,
              stepText(cost.step),
              cost.attempt,
              cost.outcome,
              cost.tokens.toLocaleString("en"),
              money(cost.money),
              cost.waste ?? "",
            ];
          }}
        />
      )}
      {reused.length > 0 && <Reused outcomes={reused} />}
      <p class="faint">
        Agents report tokens and money themselves. What AWS asks for the session, the command estimates:
      </p>
      <CommandLine name="cost" words={[session]} />
    </div>
  );
}

const Lines = ({ caption, lines }: { readonly caption: string; readonly lines: readonly LedgerLine[] }) => (
  <table class="numbers">
    <caption>{caption}</caption>
    <thead>
      <tr>
        <th scope="col">name</th>
        <th scope="col">attempts</th>
        <th scope="col">tokens</th>
        <th scope="col">money</th>
        <th scope="col">for nothing</th>
      </tr>
    </thead>
    <tbody>
      {lines.slice(0, 60).map((line) => (
        <tr key={line.name}>
          <th scope="row">{line.name}</th>
          <td>{line.attempts}</td>
          <td>{line.tokens.toLocaleString("en")}</td>
          <td>{money(line.money)}</td>
          <td>{line.wastedTokens.toLocaleString("en")}</td>
        </tr>
      ))}
      {lines.length > 60 && (
        <tr>
          <td colSpan={5}>{counted(lines.length - 60, "more line")}: see the attempts below</td>
        </tr>
      )}
    </tbody>
  </table>
);

const MOST_REUSED = 100;

/** What the agents of a fork's origin came to, and this session uses again. */
const Reused = ({ outcomes }: { readonly outcomes: readonly ReusedOutcome[] }) => (
  <table class="numbers reused">
    <caption>Reused of the origin: no agent was called</caption>
    <thead>
      <tr>
        <th scope="col">event</th>
        <th scope="col">agent</th>
        <th scope="col">step</th>
        <th scope="col">event of the origin</th>
      </tr>
    </thead>
    <tbody>
      {outcomes.slice(0, MOST_REUSED).map(({ sequence, agent, step, from }) => (
        <tr key={sequence}>
          <td>
            <EventLink sequence={sequence} />
          </td>
          <td>{agent}</td>
          <td>{stepText(step)}</td>
          <td>{from}</td>
        </tr>
      ))}
      {outcomes.length > MOST_REUSED && (
        <tr>
          <td colSpan={4}>{counted(outcomes.length - MOST_REUSED, "more outcome")}</td>
        </tr>
      )}
    </tbody>
  </table>
);

const WIDTH = 340;
const HEIGHT = 40;
const MOST_POINTS = 200;

/** How a budget burns down. */
function Budgets({ points }: { readonly points: readonly BudgetPoint[] }) {
  const kinds = [
    {
      name: "tokens",
      left: points.flatMap(({ sequence, tokensLeft }) =>
        tokensLeft === undefined ? [] : [{ sequence, left: tokensLeft }],
      ),
    },
    {
      name: "money",
      left: points.flatMap(({ sequence, moneyLeft }) =>
        moneyLeft === undefined ? [] : [{ sequence, left: moneyLeft }],
      ),
    },
  ].filter(({ left }) => left.length > 0);
  return (
    <div class="burns">
      {kinds.map(({ name, left }) => {
        const [first, last] = [left[0]?.left ?? 0, left.at(-1)?.left ?? 0];
        const most = Math.max(1e-9, ...left.map((point) => point.left));
        const every = Math.ceil(left.length / MOST_POINTS);
        const drawn = left.filter((_, at) => at % every === 0 || at === left.length - 1);
        const path = drawn.map((point, at) => {
          const x = drawn.length === 1 ? 0 : (at / (drawn.length - 1)) * WIDTH;
          return `${at === 0 ? "M" : "L"}${x.toFixed(1)} ${(HEIGHT - (point.left / most) * (HEIGHT - 4) - 2).toFixed(1)}`;
        });
        const text = `Budget of ${name}: ${first} at first, ${last} left`;
        return (
          <figure key={name} class="burn">
            <svg width={WIDTH} height={HEIGHT} role="img" aria-label={text}>
              <path d={path.join("")} />
            </svg>
            <figcaption>{text}</figcaption>
          </figure>
        );
      })}
    </div>
  );
}
