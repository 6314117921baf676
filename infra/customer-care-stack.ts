import { Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { fileURLToPath } from "node:url";
import { EventSpine } from "./constructs/event-spine.ts";
import type { SpineAgentOptions } from "./constructs/spine-agent.ts";

export interface CustomerCareProps extends StackProps {
  readonly prefix?: string;
}

export const pathOf = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url));
const agent = (name: string): SpineAgentOptions => ({ entry: pathOf(`functions/agents/${name}/handler.ts`) });

/** The application that ships with the project. Its recommendation agent lives in a stack of its own. */
export class CustomerCareStack extends Stack {
  readonly spine: EventSpine;

  constructor(scope: Construct, id: string, { prefix, ...props }: CustomerCareProps = {}) {
    super(scope, id, { description: "Event Spine: customer care", ...props });
    this.spine = new EventSpine(this, "Spine", {
      prefix,
      application: pathOf("shared/flows/application.ts"),
      agents: {
        inquiry: agent("inquiry"),
        scheduling: agent("scheduling"),
        documents: agent("documents"),
        reply: agent("reply"),
      },
      agentsElsewhere: ["recommendation"],
    });
  }
}
