import type { AlarmHealth } from "../api/spine-health.ts";
import { alarmMeaning, alarmRow, alarmsInOrder } from "../model/health-rows.ts";
import { ago, counted } from "../model/texts.ts";
import { Empty } from "./parts.tsx";
import { Status } from "./shape.tsx";

const STATES = {
  alarm: { name: "problem", word: "rings" },
  "insufficient-data": { name: "unasked", word: "no data" },
  ok: { name: "yes", word: "ok" },
} as const;

/** The spine's alarms: those that ring on top, and where to read what to do. */
export function AlarmsCard({
  alarms,
  now,
}: {
  readonly alarms: readonly AlarmHealth[];
  readonly now: number;
}) {
  if (alarms.length === 0) return <Empty>There is no alarm.</Empty>;
  const ordered = alarmsInOrder(alarms);
  const ringing = ordered.filter(({ state }) => state === "alarm");
  const others = ordered.filter(({ state }) => state !== "alarm");
  return (
    <>
      {ringing.length === 0 ? (
        <p>
          <Status name="yes" word="none rings" />
        </p>
      ) : (
        <Alarms alarms={ringing} now={now} />
      )}
      {others.length > 0 && (
        <details>
          <summary>
            {counted(others.length, "alarm")} that {others.length === 1 ? "does" : "do"} not ring
          </summary>
          <Alarms alarms={others} now={now} />
        </details>
      )}
    </>
  );
}

const Alarms = ({ alarms, now }: { readonly alarms: readonly AlarmHealth[]; readonly now: number }) => (
  <table>
    <thead>
      <tr>
        <th scope="col">alarm</th>
        <th scope="col">state</th>
        <th scope="col">since</th>
        <th scope="col">means</th>
      </tr>
    </thead>
    <tbody>
      {alarms.map(({ name, state, since, description }) => (
        <tr key={name}>
          <th scope="row">{name}</th>
          <td>
            <Status {...STATES[state]} />
          </td>
          <td>{ago(since, now)}</td>
          <td>
            {alarmMeaning(description)}{" "}
            <span class="faint">docs/operations.md, Alarms, {alarmRow(name)}</span>
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);
