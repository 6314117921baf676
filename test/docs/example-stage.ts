import * as z from "zod";
import {
  defineAgent,
  defineApplication,
  defineFlow,
  step,
  type Contract,
  type SessionAdvanced,
  type TextDigest,
} from "event-spine";
import type { CoordinatorDoor } from "event-spine/aws";
import type { SpineClient, TaskCallback } from "event-spine/client";
import type { InProcessSpine, MovableClock } from "event-spine/testing";

/** What the examples of docstrings take for granted. It is compiled with them and never run. */
export { z };
export { LambdaClient } from "@aws-sdk/client-lambda";

export declare const digest: TextDigest;
export declare const text: string;
export const greeter = defineAgent({ name: "greeter", output: z.object({ text: z.string() }) });
export const greeting = defineFlow({ name: "greeting", on: "GreetingAsked", plan: step(greeter) });
export const application = defineApplication({ flows: [greeting] }, digest);
export const inquiry = defineAgent({ name: "inquiry", output: z.object({ intent: z.string() }) });
export declare const scheduling: Contract;
export declare const prices: Contract;
export declare const stock: Contract;
export declare const advance: SessionAdvanced;
/** Tenant, session, task, attempt and token, as a task carried them. */
export declare const proof: Parameters<CoordinatorDoor["look"]>[0];
export declare const spine: InProcessSpine;
export declare const clock: MovableClock;
export declare const client: SpineClient;
export declare const callback: TaskCallback;
