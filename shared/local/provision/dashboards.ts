import { requireKnownMetric } from "../metrics/known-metrics.ts";
import type { MetricKey } from "../metrics/metric-key.ts";
import type { Resource } from "../template/template.ts";
import { namedIn } from "./named.ts";
import type { Site } from "./site.ts";

/** A dashboard's body, as far as our templates use it. */
interface Body {
  readonly widgets: readonly {
    readonly type: string;
    readonly properties: {
      readonly title?: string;
      /** Namespace, name, names and values of dimensions, and how it is shown. */
      readonly metrics?: readonly (readonly (string | object)[])[];
      readonly alarms?: readonly string[];
    };
  }[];
}

/** Nobody looks at it here; but a graph of a metric that nothing writes would stay empty on AWS too. */
export function provisionDashboard(resource: Resource, site: Site): void {
  const properties = resource.properties();
  const body = JSON.parse(properties.text("DashboardBody")) as Body; // what differs fails below
  properties.withoutLocalMeaning({ DashboardName: "for people" });
  properties.done();
  const alarms = new Set(
    site.template.resources.flatMap(({ type, identity }) =>
      type === "AWS::CloudWatch::Alarm" ? [identity.attributes["Arn"]] : [],
    ),
  );
  for (const { type, properties: shown } of body.widgets) {
    const owner = `${resource.path}, "${shown.title ?? ""}",`;
    if (type !== "metric" && type !== "alarm" && type !== "text")
      throw new Error(`${owner} is a widget of type ${type}, which is not supported here.`);
    const unknown = (shown.alarms ?? []).filter((arn) => !alarms.has(arn));
    if (unknown.length > 0)
      throw new Error(`${owner} shows ${unknown.join(", ")}, which the template does not have.`);
    for (const key of metricsIn(shown.metrics ?? [], owner)) requireKnownMetric(key, namedIn(site), owner);
  }
}

/** In a row, `.` is what stands above, and `...` all of it that is left. */
export function metricsIn(
  rows: readonly (readonly (string | object)[])[],
  owner: string,
): readonly MetricKey[] {
  let above: readonly string[] = [];
  return rows.map((row) => {
    const written = row.filter((part) => typeof part === "string");
    if (written.length === 0) throw new Error(`${owner} has an expression, which is not supported here.`);
    const rest = written.indexOf("...");
    const filled =
      rest < 0
        ? written
        : written.toSpliced(rest, 1, ...above.slice(rest, above.length - (written.length - rest - 1)));
    const parts = filled.map((part, at) => (part === "." ? (above[at] ?? "") : part));
    above = parts;
    const [namespace = "", name = "", ...pairs] = parts;
    const dimensions: Record<string, string> = {};
    for (let at = 0; at + 1 < pairs.length; at += 2) dimensions[pairs[at] ?? ""] = pairs[at + 1] ?? "";
    return { namespace, name, dimensions };
  });
}
