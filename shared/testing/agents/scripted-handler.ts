import { shareFunction } from "#core/group-time.ts";
import type { Duty } from "../in-process/in-process-queues.ts";
import { createHandler, type Handler, type WorkerPorts } from "../in-process/handlers.ts";
import { untilCrash } from "./agent-crash.ts";
import { isScripted } from "./scripted-agent.ts";
import { onClock } from "./clocked-task.ts";

/** As `createHandler`; a function that hosts a scripted agent has the spine's clock, and can die. */
export function createScriptedHandler(duty: Duty, ports: WorkerPorts): Handler {
  const hosted = duty.type === "agent" ? functionOf(duty.agent, ports) : [];
  if (!hosted.some(isScripted)) return createHandler(duty, ports);
  const agents = hosted.map((agent) => onClock(agent, ports.engine.clock));
  return (batch) =>
    untilCrash({ ...ports, agents }, (mortal) => {
      const byName = new Map(mortal.agents.map((agent) => [agent.contract.spec.name as string, agent]));
      return createHandler(duty, { ...ports, ...mortal, agents: byName })(batch);
    });
}

function functionOf(name: string, { agents }: WorkerPorts) {
  const spec = agents.get(name)?.contract.spec;
  return [...agents.values()].filter(
    ({ contract }) => spec !== undefined && shareFunction(contract.spec, spec),
  );
}
