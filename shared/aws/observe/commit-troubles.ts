import { SpineMetric } from "./metrics.ts";

/** The parts of a commit that are looked at. Its writer has made it of events, so they are there. */
interface Looked {
  readonly events: readonly {
    readonly type: string;
    readonly data?: { readonly uncompensated?: readonly unknown[] };
  }[];
}

/** To read the whole of every commit only to count what hardly any has would cost too much. */
const MAY_HOLD = /"BudgetExhausted"|"uncompensated":\["/;

/** What an operator is told of a commit, once for each time. */
export function troublesOfCommit(text: string): readonly SpineMetric[] {
  if (!MAY_HOLD.test(text)) return [];
  const { events } = JSON.parse(text) as Looked;
  return events.flatMap(({ type, data }) => {
    if (type === "BudgetExhausted") return [SpineMetric.budgetStops];
    const isOpen =
      (type === "RunFailed" || type === "RunCancelled") && (data?.uncompensated ?? []).length > 0;
    return isOpen ? [SpineMetric.uncompensatedRuns] : [];
  });
}
