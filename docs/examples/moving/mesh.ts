/** Three agents that call one another. Every arrow of this mesh is a direct call, and is counted. */
export const calls = { made: 0 };
/** How often the calendar will not answer. */
export const calendar = { fails: 0 };

export interface Message {
  readonly text: string;
  readonly city: string;
}

const call = <T>(agent: () => Promise<T>): Promise<T> => {
  calls.made += 1;
  return agent();
};

export function scheduling({ city }: Message): Promise<{ day: string }> {
  if (calendar.fails > 0) {
    calendar.fails -= 1;
    return Promise.reject(new Error("The calendar does not answer."));
  }
  return Promise.resolve({ day: city === "Bern" ? "Tuesday" : "Friday" });
}

export async function offers(message: Message, known?: { readonly day: string }): Promise<{ price: number }> {
  const { day } = known ?? (await call(() => scheduling(message)));
  return { price: day === "Friday" ? 90 : 110 };
}

/** The agent that customers talk to. What its colleagues have not been told, they ask one another. */
export async function inquiry(message: Message, known?: { readonly day: string }): Promise<{ text: string }> {
  const { day } = known ?? (await call(() => scheduling(message)));
  const { price } = await call(() => offers(message, known));
  return { text: textOf(message, day, price) };
}

export const textOf = ({ text }: Message, day: string, price: number): string =>
  `${text}: ${day}, for ${price}.`;
