/** Lets so many at once do something; the others wait. */
export interface Turns {
  /**
   * Resolves when it is the caller's turn; what it resolves to ends the turn. The lowest rank comes first, among equals
   * who came first. @default 0
   */
  enter(rank?: number): Promise<() => void>;
}

interface Waiting {
  readonly rank: number;
  readonly go: () => void;
}

export function createTurns(most: number): Turns {
  const waiting: Waiting[] = [];
  let entered = 0;

  const leave = () => {
    const lowest = Math.min(...waiting.map(({ rank }) => rank));
    const [next] = waiting.splice(
      waiting.findIndex(({ rank }) => rank === lowest),
      waiting.length === 0 ? 0 : 1,
    );
    if (next === undefined) entered -= 1;
    else next.go();
  };

  return {
    async enter(rank = 0) {
      if (entered < most) entered += 1;
      else await new Promise<void>((go) => waiting.push({ rank, go }));
      return leave;
    },
  };
}
