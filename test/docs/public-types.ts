import * as z from "zod";
import {
  defineAgent,
  defineFlow,
  step,
  type Agent,
  type AgentTask,
  type ApplicationDefinition,
  type Contract,
  type ContractSpec,
  type FlowDefinition,
  type Implementation,
  type PlanNode,
  type StepOptions,
} from "event-spine";
import { hostAgent, type AgentHandler } from "event-spine/aws";

/** Compiled and not run: what a user writes, with types from the public doors and from nowhere else. */
interface Offer {
  readonly price: number;
}
interface Wish {
  readonly input: { readonly url: string };
}

export const buyer: Contract<Wish, Offer> = defineAgent<Offer, Wish>({
  name: "buyer",
  output: z.object({ price: z.number() }),
});
export const spec: ContractSpec = buyer.spec;

/** The signal is the platform's: `fetch` takes it, and so do listeners, `any` and `throwIfAborted`. */
const ask: Implementation<Wish, Offer> = async ({ context, signal }: AgentTask<Wish>) => {
  signal.throwIfAborted();
  signal.addEventListener("abort", (event) => void event.type);
  const response = await fetch(context.input.url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(1_000)]),
  });
  return { price: Number(await (await fetch(response.url, { signal })).text()) };
};

export const agent: Agent = buyer.implement(ask);
export const handler: AgentHandler = hostAgent(agent);

const options: StepOptions = { timeoutMs: 5_000 };
const plan: PlanNode = step(buyer, options);
export const buying: FlowDefinition = defineFlow({ name: "buying", on: "OfferAsked", plan });
export const applicationDefinition: ApplicationDefinition = { agents: [buyer], flows: [buying] };
