import { useState } from "preact/hooks";
import type { Json, JsonObject } from "#core/json.ts";
import { parsedJson } from "../model/form-fields.ts";
import { sessionAddress } from "../model/page-address.ts";
import type { Refused } from "../api/console-client.ts";
import { client } from "../state/console-page.ts";
import { refusedBy } from "../state/resource.ts";
import { ForkPlan } from "./fork-plan.tsx";
import { CommandLine, Link, Trouble } from "./parts.tsx";

interface Setting {
  readonly path: string;
  readonly text: string;
}

/** Begins a new session with the state after an event, with other values where one likes. */
export function ForkPanel({ session, at }: { readonly session: string; readonly at: number }) {
  const [name, setName] = useState(`${session}-fork-${at}`);
  const [settings, setSettings] = useState<readonly Setting[]>([]);
  const [preview, setPreview] = useState<JsonObject | undefined>(undefined);
  const [done, setDone] = useState<string | undefined>(undefined);
  const [error, setError] = useState<Refused | undefined>(undefined);
  const set: Record<string, Json> = {};
  for (const { path, text } of settings) if (path.trim() !== "") set[path.trim()] = parsedJson(text) ?? text;
  const fork = async (isPreview: boolean): Promise<void> => {
    setError(undefined);
    try {
      const given = {
        session: name,
        at,
        ...(Object.keys(set).length > 0 && { set }),
        ...(isPreview && { preview: true }),
      };
      const answer = await client.fork(session, given);
      if (isPreview) setPreview(answer);
      else setDone(name);
    } catch (problem) {
      setError(refusedBy(problem));
    }
  };
  const change = (index: number, part: Partial<Setting>): void => {
    // It was of other values.
    setPreview(undefined);
    setSettings(settings.map((setting, other) => (other === index ? { ...setting, ...part } : setting)));
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void fork(false);
      }}
    >
      <p>
        A new session that begins as this one was after event {at}. Nothing of this one is sent or done again;
        outputs that the log has are used again until something that a task reads differs.
      </p>
      <label>
        New session
        <input value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} />
      </label>
      {settings.map(({ path, text }, index) => (
        <div key={index} class="pair">
          <label>
            Path
            <input
              value={path}
              placeholder="input.text"
              onInput={({ currentTarget }) => change(index, { path: currentTarget.value })}
            />
          </label>
          <label>
            Value (JSON or text)
            <input
              value={text}
              onInput={({ currentTarget }) => change(index, { text: currentTarget.value })}
            />
          </label>
        </div>
      ))}
      <button type="button" class="quiet" onClick={() => setSettings([...settings, { path: "", text: "" }])}>
        + another value
      </button>
      <div class="line">
        <button type="button" onClick={() => void fork(true)}>
          Preview
        </button>
        <button type="submit" class="main">
          Fork
        </button>
      </div>
      {error !== undefined && <Trouble error={error} missing="This deployment cannot fork sessions." />}
      {preview !== undefined && (
        <section class="card">
          <h3>Preview: nothing was done</h3>
          <ForkPlan plan={preview} />
        </section>
      )}
      {done !== undefined && (
        <p role="status">
          {done} has begun.{" "}
          <Link to={{ ...sessionAddress(done), view: "compare", other: session }}>
            Compare it with {session}
          </Link>
        </p>
      )}
      <CommandLine
        name="fork"
        words={[
          session,
          name,
          ...["--at", String(at)],
          ...Object.entries(set).flatMap(([path, value]) => ["--set", `${path}=${JSON.stringify(value)}`]),
        ]}
      />
    </form>
  );
}
