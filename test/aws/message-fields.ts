/** Which fields a message must have, and which it may. */
interface Fields {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
}

const fieldsOf = ({ properties = {}, required = [] }: Schema): Fields => ({
  required: required.toSorted(),
  optional: Object.keys(properties)
    .filter((name) => !required.includes(name))
    .toSorted(),
});

/** What the schema has at a path; of several forms the one at a number. */
function within(schema: Schema, path: string): Schema {
  return path.split(".").reduce<Schema>((at, part) => {
    const found = /^\d+$/.test(part)
      ? (at.oneOf ?? at.anyOf)?.[Number(part)]
      : part === "items"
        ? at.items
        : at.properties?.[part];
    if (found === undefined) throw new Error(`The schema has no ${path}.`);
    return found;
  }, schema);
}

/** Where the types of the module in Python stand in the published schema. */
const TYPES: Readonly<Record<string, string>> = {
  TaskMessage: "task",
  Budget: "task.budget",
  Answer: "answer",
  OkOutcome: "answer.outcome.0",
  FailedOutcome: "answer.outcome.1",
  Failure: "answer.outcome.1.error",
  ChargedUsage: "answer.outcome.0.usage",
  LookRequest: "doorRequest.0",
  BeatRequest: "doorRequest.1",
  ClaimRequest: "doorRequest.2",
  AnswerRequest: "doorRequest.3",
  SignalsRequest: "doorRequest.4",
  Proof: "doorRequest.0.proof",
  Accepted: "doorResponse.0",
  Go: "doorResponse.0.verdict.0",
  Stop: "doorResponse.0.verdict.1",
  Taken: "doorResponse.0.verdict.2",
  Told: "doorResponse.0.verdict.3",
  ToldSignal: "doorResponse.0.verdict.3.signals.items",
  Refused: "doorResponse.1",
  DoorError: "doorResponse.1.error",
  Problem: "doorResponse.1.error.problems.items",
};

/** The fields of each type of the module in Python, as the published schema has them. */
export function fieldsOfMessages({
  $defs,
}: {
  readonly $defs: Readonly<Record<string, unknown>>;
}): Readonly<Record<string, Fields>> {
  const root: Schema = { properties: $defs as Readonly<Record<string, Schema>> }; // JSON Schema is made of such
  return Object.fromEntries(
    Object.entries(TYPES).map(([name, path]) => [name, fieldsOf(within(root, path))]),
  );
}
