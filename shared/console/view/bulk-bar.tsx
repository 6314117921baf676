import { useState } from "preact/hooks";
import { isLive } from "../model/live-runs.ts";
import type { SessionRow } from "../model/session-row.ts";
import { counted } from "../model/texts.ts";
import { client } from "../state/console-page.ts";
import { refusedBy } from "../state/resource.ts";
import { CommandLine } from "./parts.tsx";

/** One command to one session. */
interface Order {
  readonly session: string;
  readonly type: "stop" | "cancel";
  readonly run?: string;
}

const MOST_LINES = 10;

/** Stops sessions, or cancels their runs: first what would be done, then doing it. */
export function BulkBar({
  rows,
  onClear,
}: {
  readonly rows: readonly SessionRow[];
  readonly onClear: () => void;
}) {
  const [orders, setOrders] = useState<readonly Order[] | undefined>(undefined);
  const [told, setTold] = useState("");
  const plan = async (type: Order["type"]): Promise<void> => {
    setTold("");
    if (type === "stop") return setOrders(rows.filter(canStop).map(({ session }) => ({ session, type })));
    try {
      const states = await Promise.all(rows.filter(canStop).map(({ session }) => client.state(session)));
      setOrders(
        states.flatMap((state, at) =>
          Object.values(state.runs)
            .filter(isLive)
            .map(({ id }) => ({ session: rows.filter(canStop)[at]?.session ?? "", type, run: id })),
        ),
      );
    } catch (error) {
      setTold(refusedBy(error).message);
    }
  };
  const act = async (): Promise<void> => {
    let done = 0;
    const problems: string[] = [];
    for (const { session, type, run } of orders ?? []) {
      try {
        const reason = "by an operator, in the console";
        await client.command(session, {
          id: crypto.randomUUID(),
          type,
          reason,
          ...(run !== undefined && { run }),
        });
        done += 1;
      } catch (error) {
        problems.push(`${session}: ${refusedBy(error).message}`);
      }
    }
    setOrders(undefined);
    setTold([`${counted(done, "command")} recorded.`, ...problems].join(" "));
  };
  return (
    <section class="bulk" aria-label="Actions on picked sessions">
      <div class="line">
        <strong>{counted(rows.length, "session")} picked</strong>
        <button type="button" onClick={() => void plan("stop")}>
          Stop…
        </button>
        <button type="button" onClick={() => void plan("cancel")}>
          Cancel runs…
        </button>
        <button type="button" class="quiet" onClick={onClear}>
          none
        </button>
        <span role="status">{told}</span>
      </div>
      {orders !== undefined && (
        <div class="dry">
          <p>
            Dry run: {counted(orders.length, "command")} to{" "}
            {counted(new Set(orders.map(({ session }) => session)).size, "session")}. Nothing was done yet.
            Effects are undone first; a stopped session takes no more events.
          </p>
          {orders.slice(0, MOST_LINES).map(({ session, type, run }) => (
            <CommandLine
              key={`${session} ${run ?? ""}`}
              name={type}
              words={run === undefined ? [session] : [session, run]}
            />
          ))}
          {orders.length > MOST_LINES && <p class="faint">and {orders.length - MOST_LINES} more</p>}
          <div class="line">
            <button type="button" class="danger" disabled={orders.length === 0} onClick={() => void act()}>
              Do it: {counted(orders.length, "command")}
            </button>
            <button type="button" onClick={() => setOrders(undefined)}>
              Leave it
            </button>
          </div>
        </div>
      )}
    </section>
  );
}

const canStop = ({ state }: SessionRow): boolean => state !== "stopped" && state !== "ended";
