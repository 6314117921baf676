import type { QueueHealth } from "../api/spine-health.ts";
import { span } from "../model/texts.ts";
import { MeasuredTable, type Measure } from "./measured-table.tsx";

const MEASURES: readonly Measure<QueueHealth>[] = [
  { name: "messages", of: ({ visible }) => visible },
  { name: "in work", of: ({ inFlight }) => inFlight },
  {
    name: "oldest",
    of: ({ oldestSeconds }) => oldestSeconds,
    text: (seconds) => (seconds === 0 ? "0 s" : span(seconds * 1_000)),
  },
  { name: "dead letters", of: ({ deadLetters }) => deadLetters, isBad: true },
];

/** What waits in queues, and for how long. */
export const QueuesCard = ({ queues }: { readonly queues: readonly QueueHealth[] }) => (
  <MeasuredTable head="queue" rows={queues} nameOf={({ name }) => name} measures={MEASURES} />
);
