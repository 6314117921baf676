import { rightText, type Judgement } from "./judge.ts";

/** What was found, trouble first, in lines. */
export function describeJudgement(judgement: Judgement): readonly string[] {
  const { granted, refused, unused, excepted, needless, sound } = judgement;
  const reasons = [...new Set(excepted.map(({ reason }) => reason))];
  const times = (text: string) => excepted.filter(({ reason }) => reason === text).length;
  return [
    ...refused.map(({ role, action, resource }) => `NOT ALLOWED  ${role}: ${action} ${resource}`),
    ...unused.map((grant) => `NEVER NEEDED ${grant.role}: ${rightText(grant)}`),
    ...needless.map(({ role, right }) => `NO EXCEPTION ${role}: ${right} is needed, or not granted`),
    ...reasons.map((reason) => `${String(times(reason)).padStart(4)} excepted: ${reason}`),
    `${granted} rights, ${granted - unused.length - excepted.length} needed, ${excepted.length} excepted, ` +
      `${unused.length} never needed, ${refused.length} calls not allowed: ${sound ? "sound" : "not sound"}.`,
  ];
}
