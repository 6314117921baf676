import type { Arm, Message } from "./arms/arm.ts";
import type { Kernel } from "./kernel/kernel.ts";
import { normalScore } from "./kernel/latency.ts";
import { NOISY, type Ledger } from "./ledger.ts";

export interface Arrivals {
  readonly perSecond: number;
  readonly forMs: number;
  readonly bursty: boolean;
}

/**
 * Sends sessions in an open loop: each at its own time, whatever became of those before. A message is timed from when it was
 * meant to be sent. After an error the client tries again with the same request, until its patience ends.
 */
export function startClients(kernel: Kernel, ledger: Ledger, arm: Arm, arrivals: Arrivals): void {
  const { load } = kernel.params;
  const [least = 0, most = 0] = load.secondAfterMs;
  for (const [index, at] of arrivalTimes(kernel, arrivals).entries()) {
    const session = `s${index}`;
    const label = { session, agent: "client" };
    send(kernel, ledger, arm, { session, message: 1 }, at);
    if (kernel.draw(label, "second message") >= load.secondMessage) continue;
    const after = least + kernel.draw(label, "second message after") * (most - least);
    send(kernel, ledger, arm, { session, message: 2 }, at + after);
  }
}

/** Sends the sessions of a tenant that floods: one message each. */
export function startFlood(kernel: Kernel, ledger: Ledger, arm: Arm, arrivals: Arrivals): void {
  for (const [index, at] of arrivalTimes(kernel, arrivals, "flood").entries())
    send(kernel, ledger, arm, { session: `${NOISY}${index}`, message: 1 }, at);
}

function send(kernel: Kernel, ledger: Ledger, arm: Arm, message: Message, at: number): void {
  const record = { message: message.message, intendedAt: at };
  kernel.at(at, () => {
    ledger.of(message.session).messages.set(message.message, record);
    void ask(kernel, ledger, arm, message, at + kernel.params.load.clientTimeoutMs);
  });
}

async function ask(kernel: Kernel, ledger: Ledger, arm: Arm, message: Message, until: number): Promise<void> {
  const { load } = kernel.params;
  const label = { session: `${message.session}/${message.message}`, agent: "client" };
  for (let attempt = 1; attempt <= load.clientAttempts && kernel.now < until; attempt += 1) {
    const network = kernel.latency(label, "http") / 2;
    await kernel.sleep(network);
    try {
      const answer = await kernel.before(until, arm.request(message, attempt, until), () => undefined);
      await kernel.sleep(network);
      const record = ledger.of(message.session).messages.get(message.message);
      if (answer !== undefined && record !== undefined && kernel.now <= until)
        record.answer = { ...answer, at: kernel.now };
      return;
    } catch {
      // What went wrong is the arm's matter: the client sees an error and comes again.
      await kernel.sleep(
        network + kernel.draw(label, "client pause") * load.clientBaseMs * 2 ** (attempt - 1),
      );
    }
  }
}

/** Poisson arrivals, or gaps of a gamma distribution with the same mean and a larger spread. */
export function arrivalTimes(
  kernel: Kernel,
  { perSecond, forMs, bursty }: Arrivals,
  session = "arrivals",
): readonly number[] {
  const label = { session, agent: bursty ? "bursty" : "poisson" };
  const draw = () => kernel.draw(label, "gap");
  const { burstyCv } = kernel.params.load;
  const shape = bursty ? 1 / burstyCv ** 2 : 1;
  const meanMs = 1_000 / perSecond;
  const times: number[] = [];
  for (let at = 0; ;) {
    at += (gammaDraw(shape, draw) / shape) * meanMs;
    if (at >= forMs) return times;
    times.push(at);
  }
}

/** Marsaglia and Tsang's method; below a shape of 1 by the boost that they give. */
function gammaDraw(shape: number, draw: () => number): number {
  if (shape === 1) return -Math.log(1 - draw());
  if (shape < 1) return gammaDraw(shape + 1, draw) * Math.pow(Math.max(draw(), 1e-12), 1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normalScore(Math.min(Math.max(draw(), 1e-12), 1 - 1e-12));
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(Math.max(draw(), 1e-12)) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
