import { createNodeDigest } from "#memory/node-digest.ts";
import { describeDigest } from "../digest.ts";

describeDigest("node", createNodeDigest());
