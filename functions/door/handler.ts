import { application } from "#application";
import { createAwsEngine } from "#aws/aws-engine.ts";
import { originsOf } from "#core/condition-origins.ts";
import { createDoor } from "#runtime/doors/create-door.ts";
import { createSessionCache } from "#runtime/session/session-cache.ts";
import { createResponder } from "./respond.ts";

const { engine, observer } = createAwsEngine("door", application, { originsOf });

/** Invoked by agents and by nothing else. */
export const handler = createResponder(
  createDoor({ ...engine, cache: createSessionCache(engine) }),
  observer,
);
