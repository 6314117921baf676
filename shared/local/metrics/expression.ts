/** A metric math expression, read: what it uses, and its value over the values of these; undefined where one is missing. */
export interface Expression {
  readonly uses: readonly string[];
  value(of: (id: string) => number | undefined): number | undefined;
}

type Node = Expression["value"];
type Operator = (a: number, b: number) => number;

const OPERATORS: Readonly<Record<string, Operator>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
};
const FUNCTIONS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  SUM: (values) => values.reduce((sum, value) => sum + value, 0),
  MAX: (values) => Math.max(...values),
  MIN: (values) => Math.min(...values),
};
const TOKEN = /\s*(?:([a-z][A-Za-z0-9_]*)|([A-Z][A-Z0-9_]*)|(\d+(?:\.\d+)?)|([-+*/()[\],]))/y;

/**
 * Reads the part of CloudWatch's metric math that our templates use: numbers, metrics by their ids, + - * / with
 * parentheses, and SUM, MAX and MIN over a list of metrics. Anything else is an error. As on CloudWatch an expression has no
 * value in a period in which one of its metrics has none. For functions over a list that is not documented: here too.
 */
export function parseExpression(text: string): Expression {
  const tokens = tokensOf(text);
  const uses = new Set<string>();
  let at = 0;
  const wrong = (what: string): Error =>
    new Error(
      `The expression "${text}" is not supported: ${what}. The local metrics support + - * / and SUM, MAX, MIN.`,
    );
  const next = (): string => tokens[at++] ?? "";
  const expect = (wanted: string) => {
    const found = next();
    if (found !== wanted) throw wrong(`expected "${wanted}", not "${found}"`);
  };

  const list = (): readonly Node[] => {
    expect("[");
    const items = [sum()];
    while (tokens[at] === ",") {
      next();
      items.push(sum());
    }
    expect("]");
    return items;
  };

  const atom = (): Node => {
    const token = next();
    if (token === "(") {
      const inner = sum();
      expect(")");
      return inner;
    }
    if (/^\d/.test(token)) return () => Number(token);
    const over = FUNCTIONS[token];
    if (over !== undefined) {
      expect("(");
      const items = list();
      expect(")");
      return (of) => {
        const values = items.flatMap((item) => item(of) ?? []);
        return values.length < items.length ? undefined : over(values);
      };
    }
    if (!/^[a-z]/.test(token)) throw wrong(`"${token}" is not a metric, number or known function`);
    uses.add(token);
    return (of) => of(token);
  };

  const chain = (operators: string, inner: () => Node) => (): Node => {
    let left = inner();
    for (let token = tokens[at]; token !== undefined && operators.includes(token); token = tokens[at]) {
      next();
      const [a, b, apply] = [left, inner(), OPERATORS[token]];
      left = (of) => {
        const [x, y] = [a(of), b(of)];
        return x === undefined || y === undefined || apply === undefined ? undefined : apply(x, y);
      };
    }
    return left;
  };
  const product = chain("*/", atom);
  function sum(): Node {
    return chain("+-", product)();
  }

  const value = sum();
  if (at < tokens.length) throw wrong(`unexpected "${tokens[at]}" after it`);
  return { uses: [...uses], value };
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const start = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (found === null)
      throw new Error(`The expression "${text}" is not supported at "${text.slice(start)}".`);
    tokens.push(found[0].trim());
  }
  return tokens;
}
