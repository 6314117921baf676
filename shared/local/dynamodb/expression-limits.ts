import { AwsError } from "../http/service-error.ts";
import { recordIn } from "./asked-rights.ts";
import type { Item } from "./table-stream.ts";

const EXPRESSIONS = [
  "ConditionExpression",
  "FilterExpression",
  "KeyConditionExpression",
  "ProjectionExpression",
  "UpdateExpression",
] as const;
const MAX_EXPRESSION_BYTES = 4_096;
const MAX_OPERATORS = 300;
const MAX_PLACEHOLDER_BYTES = 255;
const MAX_SUBSTITUTIONS_BYTES = 2_097_152;
const MAX_BATCH_BYTES = 16_777_216;

/** Operators and functions of an expression's language, as far as they count. */
const OPERATORS =
  /<>|<=|>=|[=<>+-]|\b(?:AND|OR|NOT|BETWEEN|IN|attribute_exists|attribute_not_exists|attribute_type|begins_with|contains|size|if_not_exists|list_append)\b/gi;

/** Refuses requests whose expressions or batches are larger than DynamoDB takes, where dynalite does not. */
export function requireWithinLimits(input: Item, bytes: number): void {
  for (const name of EXPRESSIONS) {
    const expression = input[name];
    if (typeof expression !== "string") continue;
    if (Buffer.byteLength(expression) > MAX_EXPRESSION_BYTES) {
      refuse(`Invalid ${name}: Expression size has exceeded the maximum allowed size`);
    }
    if ((expression.match(OPERATORS) ?? []).length > MAX_OPERATORS) {
      refuse(
        `Invalid ${name}: The expression contains too many operators; at most ${MAX_OPERATORS} are allowed`,
      );
    }
  }
  const names = recordIn(input["ExpressionAttributeNames"]);
  const values = recordIn(input["ExpressionAttributeValues"]);
  for (const placeholder of [...Object.keys(names), ...Object.keys(values)]) {
    if (Buffer.byteLength(placeholder) > MAX_PLACEHOLDER_BYTES)
      refuse(`The placeholder ${placeholder.slice(0, 20)}… is longer than ${MAX_PLACEHOLDER_BYTES} bytes`);
  }
  const substitutions = Buffer.byteLength(JSON.stringify(names) + JSON.stringify(values));
  if (substitutions > MAX_SUBSTITUTIONS_BYTES)
    refuse("The substituted names and values have exceeded the maximum allowed size");
  if (bytes > MAX_BATCH_BYTES)
    throw new AwsError(
      "RequestEntityTooLarge",
      `The request has ${bytes} bytes; DynamoDB accepts 16 MB.`,
      413,
    );
}

function refuse(message: string): never {
  throw new AwsError("com.amazon.coral.validate#ValidationException", message);
}
