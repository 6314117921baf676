import { useMemo, useState } from "preact/hooks";
import { ledgerOf, type LedgerLine } from "../model/ledger.ts";
import { counted, money, stepText } from "../model/texts.ts";
import { events } from "../state/open-session.ts";
import { alter, client } from "../state/console-page.ts";
import { useResource } from "../state/resource.ts";
import { BudgetBurns } from "./budget-burns.tsx";
import { CommandLine, Empty, Figure, Trouble } from "./parts.tsx";
import { ReusedTable } from "./reused-table.tsx";
import { RowList, type Column } from "./row-list.tsx";

const ATTEMPT_COLUMNS: readonly Column[] = [
  { name: "#", class: "c-seq" },
  { name: "agent", class: "c-who" },
  { name: "step", class: "c-step" },
  { name: "try", class: "c-num" },
  { name: "outcome", class: "c-time" },
  { name: "tokens", class: "c-num" },
  { name: "money", class: "c-num" },
  { name: "requests", class: "c-num" },
  { name: "for nothing", class: "c-rest" },
];
/** Estimating what AWS was asked reads the whole log: of a longer session only when one asks for it. */
const SHORT_EVENTS = 2_000;

/** What the session's agents cost, and how much of it was for nothing. */
export function LedgerView({ session }: { readonly session: string }) {
  const [isAsked, setAsked] = useState(events.value.length <= SHORT_EVENTS);
  const cost = useResource(isAsked ? `cost ${session}` : undefined, () => client.cost(session));
  const aws = cost.value;
  const ledger = useMemo(() => ledgerOf(events.value, aws?.requests), [events.value, aws]);
  const { total, waste, attempts, reused, saved } = ledger;
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
            {counted(waste[why].attempts, "try", "tries")}, {counted(waste[why].tokens, "token")}
            {waste[why].requests !== undefined && `, ${counted(waste[why].requests, "request")}`}
          </Figure>
        ))}
        {reused.length > 0 && (
          <>
            <Figure label="reused of the origin">{counted(reused.length, "answer")}</Figure>
            <Figure label="saved by that">
              {counted(saved.tokens, "token")}, {money(saved.money)}
            </Figure>
          </>
        )}
        {aws !== undefined && (
          <>
            <Figure label="AWS requests">{aws.requests.total.toLocaleString("en")}</Figure>
            <Figure label="of that by no attempt alone">{aws.requests.others.toLocaleString("en")}</Figure>
            <Figure label="AWS, estimated">${aws.usd.toFixed(7)}</Figure>
          </>
        )}
      </dl>
      {cost.error !== undefined && (
        <Trouble error={cost.error} missing="What AWS was asked cannot be estimated here." />
      )}
      <BudgetBurns points={ledger.budgets} />
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
            const one = attempts[row];
            if (one === undefined) return [];
            return [
              <button type="button" class="link" aria-label={`Select event ${one.sequence}`}>
                {one.sequence}
              </button>,
              one.agent,
              stepText(one.step),
              one.attempt,
              one.outcome,
              one.tokens.toLocaleString("en"),
              money(one.money),
              one.requests?.toLocaleString("en") ?? "–",
              one.waste ?? "",
            ];
          }}
        />
      )}
      {reused.length > 0 && <ReusedTable outcomes={reused} />}
      {!isAsked && (
        <button type="button" onClick={() => setAsked(true)}>
          Estimate the requests to AWS: reads {counted(events.value.length, "event")}
        </button>
      )}
      <p class="faint">
        Agents report tokens and money themselves. Requests to AWS are estimated from the log, each made once:
        an attempt&rsquo;s are those of its dispatch, its way to the agent, its claim and answer, and the
        commit of these. This command says by cause what they cost:
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
        <th scope="col">AWS requests</th>
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
          <td>{line.requests?.toLocaleString("en") ?? "–"}</td>
          <td>{line.wastedTokens.toLocaleString("en")}</td>
        </tr>
      ))}
      {lines.length > 60 && (
        <tr>
          <td colSpan={6}>{counted(lines.length - 60, "more line")}: see the attempts below</td>
        </tr>
      )}
    </tbody>
  </table>
);
