import type { Agent } from "#core/contract.ts";
import { createMemoryDocumentStore } from "./document-store.ts";
import { documentsAgent } from "./documents-agent.ts";
import { PRICES } from "./price-list.ts";

/** The agent on a store in memory. */
export const createAgent = (): Agent =>
  documentsAgent({ store: createMemoryDocumentStore(), prices: PRICES });
