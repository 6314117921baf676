import { createMemoryDeliveryProgress } from "#memory/memory-delivery-progress.ts";
import { describeDeliveryProgress } from "../delivery-progress.ts";

describeDeliveryProgress("memory", () => Promise.resolve(createMemoryDeliveryProgress()));
