import type { ComponentChildren } from "preact";

/** A column of figures. */
export interface Measure<T> {
  readonly name: string;
  /** Undefined where it is not known. */
  readonly of: (one: T) => number | undefined;
  readonly text?: (value: number) => string;
  /** More than none of them is bad. */
  readonly isBad?: true;
}

export interface MeasuredTableProps<T> {
  /** What the rows are. */
  readonly head: string;
  readonly rows: readonly T[];
  readonly nameOf: (one: T) => string;
  /** A column between names and figures. */
  readonly status?: { readonly name: string; readonly of: (one: T) => ComponentChildren };
  readonly measures: readonly Measure<T>[];
}

/** Things with a row of figures each. */
export function MeasuredTable<T>({ head, rows, nameOf, status, measures }: MeasuredTableProps<T>) {
  return (
    <table class="numbers">
      <thead>
        <tr>
          <th scope="col">{head}</th>
          {status !== undefined && (
            <th scope="col" class="word">
              {status.name}
            </th>
          )}
          {measures.map(({ name }) => (
            <th scope="col" key={name}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((one) => (
          <tr key={nameOf(one)}>
            <th scope="row">{nameOf(one)}</th>
            {status !== undefined && <td class="word">{status.of(one)}</td>}
            {measures.map(({ name, of, text = String, isBad }) => {
              const value = of(one);
              return (
                <td key={name} class={isBad && value !== undefined && value > 0 ? "bad" : ""}>
                  {value === undefined ? <span class="faint">–</span> : text(value)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
