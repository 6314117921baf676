import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { isJsonObject } from "#core/json.ts";
import type { CompiledFlow } from "#core/flow/plan.ts";
import { flowGraph, type FlowGraph } from "../model/flow-graph.ts";
import {
  drawnLabel,
  layoutOf,
  type DrawnEdge,
  type DrawnNode,
  type GraphLayout,
} from "../model/graph-layout.ts";
import { runsFrom, tasksFrom } from "../model/forked.ts";
import { litGraph, type LitGraph, type LitStep, type StepLight } from "../model/lit-graph.ts";
import type { OutlineEvent } from "../model/event-outline.ts";
import { events, selected } from "../state/open-session.ts";
import { address, alter, client } from "../state/console-page.ts";
import { useResource } from "../state/resource.ts";
import { Empty, EventLink, Trouble } from "./parts.tsx";
import { Status, type ShapeName } from "./shape.tsx";

const LIGHTS: Readonly<Record<StepLight, { readonly shape: ShapeName; readonly word: string }>> = {
  untouched: { shape: "unasked", word: "not reached" },
  open: { shape: "running", word: "under way" },
  done: { shape: "yes", word: "done" },
  failed: { shape: "problem", word: "failed" },
  cancelled: { shape: "stopped", word: "cancelled" },
};
const UNTOUCHED: LitStep = { light: "untouched", sequence: 0, attempts: 0, items: 0 };

/** The flow of a run, lit up as far as the run had come at the selected event. */
export function GraphView() {
  const all = events.value;
  const runs = all.flatMap((event) =>
    runsFrom(event).map((begun) => ({ ...begun, sequence: event.sequence })),
  );
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const run = runs.find((one) => one.run === (chosen ?? runOf(selected.value, all))) ?? runs[0];
  const session = address.value.page === "session" ? address.value.session : "";
  const stored = all.find(({ type, hash }) => type === "FlowStored" && hash === run?.flow);
  const { value, error } = useResource(
    stored === undefined ? undefined : `${session} ${stored.sequence}`,
    () => client.event(session, stored?.sequence ?? 0),
  );
  const flow = useMemo(() => flowIn(value), [value]);
  const graph = useMemo(() => (flow === undefined ? undefined : flowGraph(flow)), [flow]);
  if (runs.length === 0) return <Empty>No flow has started in this session.</Empty>;
  return (
    <div class="graph">
      <label class="line">
        Run
        <select value={run?.run ?? ""} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
          {runs.map((one) => (
            <option key={one.run} value={one.run}>
              {`${one.name}, from event ${one.sequence}`}
            </option>
          ))}
        </select>
        <span class="faint">as of event {selected.value}</span>
      </label>
      {error !== undefined && <Trouble error={error} missing="The flow is not in the log." />}
      {graph === undefined && error === undefined && <Empty>Reading the flow…</Empty>}
      {graph !== undefined && (
        <LitFlow graph={graph} lit={litGraph(graph, all, run?.run ?? "", selected.value)} />
      )}
    </div>
  );
}

/** The run that an event belongs to, by itself or by its task. */
function runOf(sequence: number, all: readonly OutlineEvent[]): string | undefined {
  const event = all[sequence - 1];
  return event?.run ?? all.flatMap(tasksFrom).find(({ task }) => task === event?.task)?.run;
}

function flowIn(envelope: unknown): CompiledFlow | undefined {
  const data = isJsonObject(envelope) ? envelope["data"] : undefined;
  const flow = isJsonObject(data) ? data["flow"] : undefined;
  // A flow as the log stores it.
  return isJsonObject(flow) ? (flow as unknown as CompiledFlow) : undefined;
}

function LitFlow({ graph, lit }: { readonly graph: FlowGraph; readonly lit: LitGraph }) {
  const [layout, setLayout] = useState<GraphLayout | undefined>(undefined);
  useEffect(() => {
    let isWanted = true;
    void layoutOf(graph).then((found) => isWanted && setLayout(found));
    return () => void (isWanted = false);
  }, [graph]);
  const box = useRef<HTMLDivElement>(null);
  const [newest] = [...lit.steps].toSorted((one, other) => other[1].sequence - one[1].sequence);
  const here = layout?.nodes.find(({ id }) => id === newest?.[0]);
  useEffect(() => {
    const element = box.current;
    if (element === null || here === undefined) return;
    element.scrollTo(here.x - element.clientWidth / 2, here.y - element.clientHeight / 2);
  }, [layout, here?.id]);
  return (
    <>
      {layout === undefined ? (
        <Empty>Drawing…</Empty>
      ) : (
        <div class="graph-box" ref={box} tabIndex={0} role="region" aria-label="The flow's graph">
          <svg
            width={layout.width}
            height={layout.height}
            role="img"
            aria-label="The flow's graph. The table below it says the same."
          >
            <defs>
              <marker
                id="way"
                viewBox="0 0 6 6"
                refX="5"
                refY="3"
                markerWidth="9"
                markerHeight="9"
                markerUnits="userSpaceOnUse"
                orient="auto"
              >
                <path class="arrow-head" d="M0 0l6 3-6 3z" />
              </marker>
            </defs>
            {layout.edges.map((drawn) => (
              <Way
                key={`${drawn.edge.from} ${drawn.edge.to} ${drawn.edge.label ?? ""}`}
                drawn={drawn}
                light={lit.edges.get(drawn.edge) ?? "open"}
              />
            ))}
            {layout.nodes.map((node) => (
              <Step key={node.id} node={node} lit={lit.steps.get(node.id) ?? UNTOUCHED} />
            ))}
          </svg>
        </div>
      )}
      <StepTable graph={graph} lit={lit} />
    </>
  );
}

function Way({
  drawn: { edge, points, label },
  light,
}: {
  readonly drawn: DrawnEdge;
  readonly light: string;
}) {
  const [first, ...rest] = points;
  if (first === undefined) return undefined;
  return (
    <g class={`way-line ${edge.kind} ${light}`}>
      <title>{`${edge.label ?? "then"}: ${light.replace("-", " ")}`}</title>
      <path
        d={`M${first.x} ${first.y}${rest.map(({ x, y }) => `L${x} ${y}`).join("")}`}
        marker-end="url(#way)"
      />
      {edge.label !== undefined && label !== undefined && (
        <text x={label.x} y={label.y + 3}>
          {drawnLabel(edge.label)}
        </text>
      )}
    </g>
  );
}

function Step({ node, lit }: { readonly node: DrawnNode; readonly lit: LitStep }) {
  const { x, y, width, height, kind, label } = node;
  const [left, top] = [x - width / 2, y - height / 2];
  const { word } = LIGHTS[lit.light];
  return (
    <g class={`step ${kind} ${lit.light}`} onClick={() => lit.sequence > 0 && alter({ at: lit.sequence })}>
      <title>{`${label}: ${word}${retries(lit)}`}</title>
      {kind === "choice" ? (
        <path class="box" d={`M${left} ${y}l12-13h${width - 24}l12 13-12 13h-${width - 24}z`} />
      ) : (
        <rect
          x={left}
          y={top}
          width={width}
          height={height}
          rx={kind === "start" || kind === "end" ? height / 2 : 3}
        />
      )}
      <LightShape light={lit.light} x={left + 9} y={y - 5} />
      <text x={lit.light === "untouched" ? x : x + 7} y={y + 4}>
        {drawnLabel(label)}
      </text>
      {lit.attempts > 1 && (
        <text class="badge" x={left + width - 2} y={top - 2}>
          ×{lit.attempts}
        </text>
      )}
    </g>
  );
}

const LIGHT_PATHS: Readonly<Record<StepLight, string>> = {
  untouched: "",
  open: "M2 1l7 4-7 4z",
  done: "M1.5 5.2l2.4 2.5 4.6-5.4",
  failed: "M5 .8l4.4 8H.6z",
  cancelled: "M2 2h6v6H2z",
};
const LightShape = ({
  light,
  x,
  y,
}: {
  readonly light: StepLight;
  readonly x: number;
  readonly y: number;
}) => <path class={`light light-${light}`} d={LIGHT_PATHS[light]} transform={`translate(${x} ${y})`} />;

const retries = ({ attempts, items }: LitStep): string =>
  `${attempts > 1 ? `, ${attempts} attempts` : ""}${items > 1 ? `, ${items} items` : ""}`;

/** The graph in words. */
function StepTable({ graph, lit }: { readonly graph: FlowGraph; readonly lit: LitGraph }) {
  return (
    <details class="twin">
      <summary>The graph as a table</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">step</th>
            <th scope="col">kind</th>
            <th scope="col">what</th>
            <th scope="col">status</th>
            <th scope="col">last event</th>
            <th scope="col">goes on to</th>
          </tr>
        </thead>
        <tbody>
          {graph.nodes.map(({ id, kind, label }) => {
            const step = lit.steps.get(id) ?? UNTOUCHED;
            const { shape, word } = LIGHTS[step.light];
            return (
              <tr key={id}>
                <td>
                  <code>{id}</code>
                </td>
                <td>{kind}</td>
                <td>{label}</td>
                <td>
                  <Status name={shape} word={`${word}${retries(step)}`} />
                </td>
                <td>{step.sequence > 0 && <EventLink sequence={step.sequence} />}</td>
                <td>
                  {graph.edges
                    .filter(({ from }) => from === id)
                    .map(
                      (edge) =>
                        `${edge.to}${edge.label === undefined ? "" : ` (${edge.label})`}, ${lit.edges.get(edge)?.replace("-", " ") ?? "open"}`,
                    )
                    .join("; ")}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </details>
  );
}
