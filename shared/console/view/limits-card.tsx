import type { Health, Limits } from "../api/spine-health.ts";
import { limitRows } from "../model/health-rows.ts";
import { Status } from "./shape.tsx";

/** What bounds a tenant and the deployment, and how much of it is used as far as that is known. */
export function LimitsCard({ limits, health }: { readonly limits: Limits; readonly health: Health }) {
  return (
    <>
      <table>
        <thead>
          <tr>
            <th scope="col">quota</th>
            <th scope="col">at most</th>
            <th scope="col">now</th>
          </tr>
        </thead>
        <tbody>
          {limitRows(limits, health.queues).map(({ name, most, used, isReached }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{most}</td>
              <td>
                {isReached && <Status name="problem" word="reached" />} {used}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {limits.events.length === 0 && <p class="faint">Nothing bounds how many events a tenant sends.</p>}
      <p class="faint">Those of AWS for the account are in docs/quotas.md.</p>
    </>
  );
}
