import { randomUUID } from "node:crypto";
import { AwsError } from "../http/service-error.ts";

/** What was published to a topic. */
export interface SnsNotice {
  readonly id: string;
  readonly message: string;
  readonly subject?: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const MAX_BYTES = 262_144;
const MAX_SUBJECT = 100;
/** ASCII that begins with a letter, digit or mark, in one line. */
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]*$/;
const ATTRIBUTE_NAME = /^(?!AWS\.|Amazon\.)(?!.*\.\.)[A-Za-z0-9_-][A-Za-z0-9_.-]{0,255}$/i;
const KNOWN =
  /^(?:Action|Version|TopicArn|Message|Subject|MessageAttributes\.entry\.\d+\.(?:Name|Value\.(?:DataType|StringValue)))$/;

/** Reads and checks the form of a Publish. A field that the local endpoint does not understand is refused. */
export function readNotice(form: URLSearchParams): SnsNotice {
  const unknown = [...form.keys()].find((name) => !KNOWN.test(name));
  if (unknown !== undefined) throw invalid(unknown, "the local endpoint does not understand it");
  const message = form.get("Message") ?? "";
  if (message === "") throw invalid("Message", "Empty message");
  const subject = form.get("Subject") ?? undefined;
  if (subject !== undefined && (subject.length > MAX_SUBJECT || !SUBJECT.test(subject)))
    throw invalid("Subject", "it is no line of 1 to 100 ASCII characters");
  const attributes = attributesIn(form);
  const bytes = Object.entries(attributes).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name + value + "String"),
    Buffer.byteLength(message),
  );
  if (bytes > MAX_BYTES) throw invalid("Message", "Message too long");
  return { id: randomUUID(), message, attributes, ...(subject !== undefined && { subject }) };
}

function attributesIn(form: URLSearchParams): Readonly<Record<string, string>> {
  const attributes: Record<string, string> = {};
  for (let at = 1; form.has(`MessageAttributes.entry.${at}.Name`); at++) {
    const entry = `MessageAttributes.entry.${at}`;
    const name = form.get(`${entry}.Name`) ?? "";
    const value = form.get(`${entry}.Value.StringValue`) ?? "";
    if (!ATTRIBUTE_NAME.test(name) || name.endsWith(".") || name in attributes)
      throw invalid("MessageAttributes", `the name "${name}" is not allowed, or is there twice`);
    if (form.get(`${entry}.Value.DataType`) !== "String")
      throw invalid("MessageAttributes", "the local endpoint understands texts only (DataType String)");
    if (value === "") throw invalid("MessageAttributes", `the value of ${name} is empty`);
    attributes[name] = value;
  }
  return attributes;
}

const invalid = (field: string, problem: string): AwsError =>
  new AwsError("InvalidParameter", `Invalid parameter: ${field} Reason: ${problem}`);
