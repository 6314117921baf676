import { App, Stack } from "aws-cdk-lib";
import { EventSpine } from "event-spine/infra";

const app = new App();
new EventSpine(new Stack(app, "Greetings"), "Spine", {
  application: "application.ts",
  agents: { greeter: { entry: "agents/greeter.ts" }, closer: { entry: "agents/closer.ts" } },
});
app.synth();
