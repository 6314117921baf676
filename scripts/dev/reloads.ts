import type { RunnableApplication } from "#testing/in-process/in-process-spine.ts";
import type { DevSpine } from "./dev-spine.ts";
import { shown, unfitText } from "./dev-words.ts";
import type { HotModules } from "./hot-modules.ts";
import { describeLoadError } from "./load-error.ts";
import { readApplication } from "./read-application.ts";

export interface ReloadPorts {
  readonly app: string;
  readonly modules: HotModules;
  readonly spine: Pick<DevSpine, "exchange">;
  /** The one that runs. */
  readonly application: RunnableApplication;
  readonly print: (text: string) => void;
}

export interface Reloads {
  /** Something may have changed. */
  look(): void;
  /** Something happened in a session: what could not go on before may be over. */
  retry(): void;
  /** Called when other modules may belong to the application than before. */
  onLoaded(listener: () => void): void;
}

/** Puts what was saved in place, one change after another. What cannot take the place of what runs is told, and the old stays. */
export function createReloads({ app, modules, spine, application, print }: ReloadPorts): Reloads {
  let current = application;
  let refused: RunnableApplication | undefined;
  let listener = (): void => undefined;
  let last = Promise.resolve();

  const exchange = async (next: RunnableApplication, says: (restarted: string) => string): Promise<void> => {
    const unfit = await spine.exchange(next);
    if (unfit.length > 0) {
      // Told once, and tried again whenever one of their sessions has gone on.
      if (refused !== next)
        print(unfitText(unfit, "The old code stays until this is mended, or these runs have ended."));
      refused = next;
      return;
    }
    refused = undefined;
    const restarted = restartedIn(next, current);
    current = next;
    print(says(restarted.length === 0 ? "no agent" : restarted.join(", ")));
  };

  const reload = async (): Promise<void> => {
    const began = performance.now();
    const changed = modules.changed();
    if (changed.length === 0) return;
    refused = undefined;
    try {
      const next = readApplication(shown(app), await modules.load());
      await exchange(next, (restarted) => {
        const ms = Math.round(performance.now() - began);
        return `${changed.map(shown).join(", ")} live after ${ms} ms; restarted: ${restarted}.`;
      });
    } catch (error) {
      print(`${await describeLoadError(error, modules.files())}\nThe old code stays.`);
    }
    listener();
  };

  const again = async (): Promise<void> => {
    if (refused === undefined) return;
    await exchange(refused, (restarted) => `What was refused is live now; restarted: ${restarted}.`);
  };

  const after = (work: () => Promise<void>): void => {
    last = last.then(work).catch((error: unknown) => print(String(error)));
  };

  return {
    look: () => after(reload),
    retry: () => {
      if (refused !== undefined) after(again);
    },
    onLoaded: (next) => {
      listener = next;
    },
  };
}

/** The agents whose implementation is another one. */
function restartedIn({ agents }: RunnableApplication, before: RunnableApplication): readonly string[] {
  const kept = new Set(before.agents);
  return agents.filter((agent) => !kept.has(agent)).map(({ contract }) => contract.spec.name);
}
