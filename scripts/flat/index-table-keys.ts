import { IndexAttribute, SessionIndexName } from "#aws/names.ts";

const { partition, sort, order, row, byState, byFlow, byProblem } = IndexAttribute;

const keys = (hash: string, range: string) => [
  { AttributeName: hash, KeyType: "HASH" as const },
  { AttributeName: range, KeyType: "RANGE" as const },
];
const list = (name: string, by: string) => ({
  IndexName: name,
  KeySchema: keys(by, order),
  Projection: { ProjectionType: "INCLUDE" as const, NonKeyAttributes: [row] },
});

/** How the table of sessions' rows is keyed and indexed, as DynamoDB and CloudFormation both say it. */
export const INDEX_TABLE_KEYS = {
  AttributeDefinitions: [partition, sort, byState, order, byFlow, byProblem].map((name) => ({
    AttributeName: name,
    AttributeType: "S" as const,
  })),
  KeySchema: keys(partition, sort),
  GlobalSecondaryIndexes: [
    list(SessionIndexName.state, byState),
    list(SessionIndexName.flow, byFlow),
    list(SessionIndexName.problem, byProblem),
  ],
};
