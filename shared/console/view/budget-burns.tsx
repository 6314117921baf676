import type { BudgetPoint } from "../model/ledger.ts";

const WIDTH = 340;
const HEIGHT = 40;
const MOST_POINTS = 200;

/** How a budget burns down. */
export function BudgetBurns({ points }: { readonly points: readonly BudgetPoint[] }) {
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
