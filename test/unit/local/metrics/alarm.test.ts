import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRinging, readAlarm } from "#local/metrics/alarm-definition.ts";
import { createMetricStore, MINUTE_MS } from "#local/metrics/metric-store.ts";
import { Properties } from "#local/template/properties.ts";

const KEY = { namespace: "Test", name: "Count", dimensions: { of: "it" } };
const ALARM = {
  AlarmName: "spine-test",
  AlarmDescription: "Of a test.",
  Namespace: "Test",
  MetricName: "Count",
  Dimensions: [{ Name: "of", Value: "it" }],
  Statistic: "Sum",
  Period: 300,
  EvaluationPeriods: 1,
  Threshold: 3,
  ComparisonOperator: "GreaterThanOrEqualToThreshold",
  TreatMissingData: "notBreaching",
};
const read = (more: object = {}) => readAlarm(new Properties("Test/Alarm", { ...ALARM, ...more }));
/** Measurements by minute. */
const stored = (values: Readonly<Record<number, readonly number[]>>) => {
  const store = createMetricStore();
  for (const [minute, all] of Object.entries(values))
    for (const value of all) store.record(KEY, value, Number(minute) * MINUTE_MS + 1);
  return store;
};
const rings = (
  more: object,
  values: Readonly<Record<number, readonly number[]>>,
  minutes: readonly number[],
) => minutes.map((minute) => isRinging(read(more), stored(values), minute * MINUTE_MS));

describe("an alarm", () => {
  it("evaluates a sliding period every minute, and clears when the value has left it", () => {
    expect(rings({}, { 10: [1], 13: [2] }, [11, 13, 14, 15, 16])).toEqual([false, false, true, true, false]);
  });

  it("evaluates a minute when it is over", () => {
    expect(rings({}, { 10: [9] }, [10, 11])).toEqual([false, true]);
  });

  it("rings only when each of its periods is over the threshold", () => {
    const more = { Period: 60, EvaluationPeriods: 3, Threshold: 1, Statistic: "Maximum" };
    const values = { 1: [1], 2: [1], 3: [1], 5: [1], 6: [1] };
    expect(rings(more, values, [3, 4, 5, 7, 8])).toEqual([false, true, false, false, false]);
  });

  it("rings when its M of N periods are over the threshold", () => {
    const more = {
      Period: 60,
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      Threshold: 1,
      Statistic: "Maximum",
    };
    expect(rings(more, { 1: [1], 3: [1] }, [2, 4, 5])).toEqual([false, true, false]);
  });

  it("treats missing data as configured", () => {
    expect(rings({ TreatMissingData: "breaching" }, {}, [10])).toEqual([true]);
    expect(rings({ TreatMissingData: "notBreaching" }, {}, [10])).toEqual([false]);
  });

  it.each([
    ["GreaterThanThreshold", 3, false],
    ["GreaterThanThreshold", 4, true],
    ["LessThanThreshold", 2, true],
    ["LessThanOrEqualToThreshold", 3, true],
  ])("compares by %s", (ComparisonOperator, value, expected) => {
    expect(rings({ ComparisonOperator }, { 10: [value] }, [11])).toEqual([expected]);
  });

  it.each([
    ["Sum", 7],
    ["SampleCount", 3],
    ["Average", 7 / 3],
    ["Minimum", 1],
    ["Maximum", 4],
  ])("evaluates the statistic %s", (Statistic, value) => {
    const values = { 10: [1, 4], 12: [2] };
    expect(rings({ Statistic, Threshold: value }, values, [13])).toEqual([true]);
    expect(rings({ Statistic, Threshold: value + 0.1 }, values, [13])).toEqual([false]);
  });

  it("evaluates an expression over metrics", () => {
    const stat = (Id: string, of: string) => ({
      Id,
      ReturnData: false,
      MetricStat: {
        Metric: { Namespace: "Test", MetricName: "Count", Dimensions: [{ Name: "of", Value: of }] },
        Period: 60,
        Stat: "Maximum",
      },
    });
    const { Namespace, MetricName, Dimensions, Statistic, Period, ...rest } = ALARM;
    const alarm = readAlarm(
      new Properties("Test/Alarm", {
        ...rest,
        Metrics: [{ Id: "e", Expression: "a + b", ReturnData: true }, stat("a", "it"), stat("b", "other")],
      }),
    );
    const store = stored({ 1: [1], 2: [1] });
    store.record({ ...KEY, dimensions: { of: "other" } }, 2, MINUTE_MS + 1);
    expect([2, 3].map((minute) => isRinging(alarm, store, minute * MINUTE_MS))).toEqual([true, false]);
    expect([Namespace, MetricName, Dimensions, Statistic, Period]).toHaveLength(5);
  });

  it.each([
    [{ Statistic: "p99" }, /statistic p99/],
    [{ ExtendedStatistic: "p99" }, /ExtendedStatistic/],
    [{ Period: 10 }, /Period of 10 s/],
    [{ TreatMissingData: "ignore" }, /TreatMissingData/],
    [{ TreatMissingData: undefined }, /must say TreatMissingData/],
    [{ ComparisonOperator: "LessThanLowerThreshold" }, /ComparisonOperator/],
    [{ ThresholdMetricId: "ad1" }, /ThresholdMetricId/],
    [{ AlarmName: undefined }, /AlarmName/],
  ])("that has %j is rejected", (more, problem) => {
    expect(() => read(more)).toThrow(problem);
  });

  it("rings exactly when the measurements of its period reach its threshold", () => {
    const counts = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 5 })));
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 35 }), (measured, now) => {
        const store = createMetricStore();
        for (const [minute, value] of measured) store.record(KEY, value, minute * MINUTE_MS);
        const seen = measured.filter(([minute]) => minute >= now - 5 && minute < now);
        const sum = seen.reduce((total, [, value]) => total + value, 0);
        expect(isRinging(read(), store, now * MINUTE_MS)).toBe(sum >= 3);
      }),
    );
  });
});
