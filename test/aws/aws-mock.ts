import { mockClient, type AwsStub } from "aws-sdk-client-mock";
import { afterAll } from "vitest";

/** Mocks a client's class until the end of the file: files share the classes of the modules that they import. */
export const mockedClient: typeof mockClient = (client) => {
  const stub = mockClient(client);
  afterAll(() => void stub.restore());
  return stub;
};

/** An error as the SDK throws it: told apart by its name. */
export const awsError = (name: string, message = "of a test"): Error =>
  Object.assign(new Error(message), { name });

/** What was sent, command by command, in order. */
// The stub's own type parameters differ from client to client and say nothing here.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export const inputsOf = (stub: AwsStub<any, any, any>): readonly unknown[] =>
  stub.calls().map(({ args: [command] }) => (command as { readonly input: unknown }).input);
