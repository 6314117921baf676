import type { WorldResult } from "../sim-world.ts";
import type { Report } from "./violation.ts";

/** Personal values stand in nothing that is stored, sent or said, but where a message is there to carry them. */
export function checkSealed({ leaks }: Pick<WorldResult, "leaks">, session: string, report: Report): void {
  const own = leaks.find((leak) => leak.session === session);
  if (own !== undefined)
    report("Sealed", "personal values are nowhere in plain", `${own.what} is in ${own.where}`);
}
