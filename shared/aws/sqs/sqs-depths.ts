import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { QueueDepth, QueueDepths } from "#ports/queues.ts";
import { reaching } from "../aws-error.ts";
import { agentQueueSuffix, deadLetterName, QueueSuffix } from "../names.ts";

export interface SqsDepthsOptions {
  readonly client: SQSClient;
  readonly queuePrefix: string;
  readonly agents: readonly string[];
}

type Counts = Pick<QueueDepth, "visible" | "inFlight">;

/** What SQS says of a queue's depth is about right, and may be a minute old. */
export function createSqsDepths({ client, queuePrefix, agents }: SqsDepthsOptions): QueueDepths {
  const ask = async (suffix: string): Promise<Counts | undefined> => {
    const { Attributes = {} } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl: queuePrefix + suffix,
        AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
      }),
    );
    return {
      visible: Number(Attributes["ApproximateNumberOfMessages"] ?? 0),
      inFlight: Number(Attributes["ApproximateNumberOfMessagesNotVisible"] ?? 0),
    };
  };

  // An agent may have no express lane, or not be deployed yet.
  const countsOf = (suffix: string) =>
    reaching(`Measuring the queue ${suffix}`, () => ask(suffix), {
      answers: { QueueDoesNotExist: undefined },
    });

  const depthOf = async (name: string, agent?: string): Promise<readonly QueueDepth[]> => {
    const [own, dead] = await Promise.all([countsOf(name), countsOf(deadLetterName(name))]);
    if (own === undefined) return [];
    const deadLetters = (dead?.visible ?? 0) + (dead?.inFlight ?? 0);
    return [{ name, ...(agent !== undefined && { agent }), ...own, deadLetters }];
  };

  return {
    async measure() {
      const ofAgents = agents.flatMap((agent) =>
        (["normal", "express"] as const).map((lane) => depthOf(agentQueueSuffix(agent, lane), agent)),
      );
      const ofSpine = Object.values(QueueSuffix).map((suffix) => depthOf(suffix));
      return (await Promise.all([...ofSpine, ...ofAgents])).flat();
    },
  };
}
