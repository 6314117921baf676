import { createNodeDigest } from "#node/node-digest.ts";
import { describeDigest } from "../digest.ts";

describeDigest("node", createNodeDigest());
