import { applicationDefinition } from "#application";
import { createAwsEngine } from "#aws/aws-engine.ts";
import { createDoor } from "#runtime/create-door.ts";
import { createResponder } from "./respond.ts";

const { engine, observer } = createAwsEngine("door", applicationDefinition);

/** Invoked by agents and by nothing else. */
export const handler = createResponder(createDoor(engine), observer);
