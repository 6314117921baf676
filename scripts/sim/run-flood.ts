import { floodAgent, type Latency } from "#simulator/flood.ts";

/** Sessions that do not use the flooded agent may be slower by so much. */
const MOST_SLOWER = 1.05;

/** Floods an agent, prints what became of the others, and answers whether they noticed nothing. */
export async function runFlood(agent: string, json: boolean): Promise<boolean> {
  const result = await floodAgent(agent);
  const { quietSessions, floodSessions, capacity, offered, calm, flooded, otherEnds, violations } = result;
  const slower = flooded.p95 / calm.p95;
  if (json) console.log(JSON.stringify({ ...result, slower }));
  else {
    console.log(
      `${floodSessions} sessions flood ${agent} with ${offered.toFixed(0)} tasks/s; its capacity is ${capacity.toFixed(0)}`,
    );
    console.log(
      `${quietSessions} sessions that do not use it: ${told(calm)} alone, ${told(flooded)} beside the flood`,
    );
    console.log(
      `p95 ×${slower.toFixed(3)}, ${otherEnds.length} with different results, ${violations.length} violations`,
    );
  }
  return slower <= MOST_SLOWER && otherEnds.length === 0 && violations.length === 0;
}

export const told = ({ p50, p95 }: Latency): string => `p50 ${p50} ms, p95 ${p95} ms`;
