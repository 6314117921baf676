import { defineCommand } from "../command.ts";

/** Tells what functions' logs say in the place of a correlation, which may be somebody's name. */
export const logged = defineCommand({
  name: "logged",
  usage: "CORRELATION",
  about:
    "prints the digests under which functions' logs show a correlation, and a query that finds its sessions there",
  positionals: { required: ["CORRELATION"] },
  options: {},
  prepare(_, [correlation = ""]) {
    return async ({ client, print }) => {
      const digests = await client.correlationDigests(correlation);
      print(digests.join("\n"));
      // A line about several sessions has them in a list.
      print(`\nfields @timestamp, @message | filter @message like /"correlation":"(${digests.join("|")})"/`);
    };
  },
});
