import { startLocalSpine } from "event-spine/local";

const spine = await startLocalSpine({ app: "cdk.ts" });
const client = spine.clientOf("somebody");
const event = { id: "1", type: "GreetingAsked", data: { who: "Ada" } };
const { reply } = await client.send("first", event, 20_000);
console.log(reply?.body);
await spine.stop();
