import type { Properties } from "../template/properties.ts";
import type { Resource } from "../template/template.ts";
import type { Site } from "./site.ts";

/** Whether there is such a thing, by the dimension that names it. Metrics of other dimensions are anybody's. */
const NAMED: Readonly<Record<string, (value: string, site: Site) => boolean>> = {
  QueueName: (name, { queues }) => queues.byName(name) !== undefined,
  FunctionName: (name, { functions }) => functions.has(name),
  StateMachineArn: (arn, { machines }) => machines.has(arn),
  TableName: (name, { tables }) => tables.has(name),
  service: (name, { functions }) => functions.has(name),
};

/** Nothing collects metrics here, so no alarm rings; but one that looks at nothing would never ring on AWS either. */
export function provisionAlarm(resource: Resource, site: Site): void {
  const properties = resource.properties();
  const metrics = properties.objects("Metrics").flatMap((metric) => {
    const stat = metric.optionalObject("MetricStat");
    return stat === undefined ? [] : [stat.object("Metric")];
  });
  for (const metric of metrics.length === 0 ? [properties] : metrics)
    requireDimensions(metric, resource, site);
}

function requireDimensions(metric: Properties, { path }: Resource, site: Site): void {
  for (const dimension of metric.objects("Dimensions")) {
    const [name, value] = [dimension.text("Name"), dimension.text("Value")];
    if (NAMED[name]?.(value, site) === false)
      throw new Error(`${path} looks at the ${name} ${value}, which the template does not have.`);
  }
}
