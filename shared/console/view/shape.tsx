/** Shapes that tell a status without its colour. Each stands beside its word. */
const SHAPES = {
  running: "M2 1l7 4-7 4z",
  waiting: "M5 1a4 4 0 100 8 4 4 0 000-8zM5 2.6V5l1.8 1.2",
  asking: "M5 1a4 4 0 100 8 4 4 0 000-8zM3.8 4a1.2 1.2 0 112 .9c-.5.4-.8.6-.8 1.1M5 7.4v.2",
  idle: "M5 1.5a3.5 3.5 0 100 7 3.5 3.5 0 000-7z",
  stopped: "M2 2h6v6H2z",
  ended: "M1.5 5.2l2.4 2.5 4.6-5.4",
  problem: "M5 .8l4.4 8H.6z",
  yes: "M1.5 5.2l2.4 2.5 4.6-5.4",
  no: "M2 2l6 6M8 2l-6 6",
  unasked: "M2 5h6",
} as const;
export type ShapeName = keyof typeof SHAPES;
const OUTLINED: ReadonlySet<ShapeName> = new Set([
  "waiting",
  "asking",
  "idle",
  "ended",
  "yes",
  "no",
  "unasked",
]);

export const Shape = ({ name }: { readonly name: ShapeName }) => (
  <svg class={`shape shape-${name}`} viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
    <path d={SHAPES[name]} class={OUTLINED.has(name) ? "outlined" : "filled"} />
  </svg>
);

/** A status: its shape and its word. */
export const Status = ({ name, word = name }: { readonly name: ShapeName; readonly word?: string }) => (
  <span class={`status status-${name}`}>
    <Shape name={name} />
    {word}
  </span>
);
