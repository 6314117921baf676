/** The calendar is certainly unchanged: whoever claimed the effect need not be in doubt about it. */
export class EffectNotDoneError extends Error {
  override readonly name = "EffectNotDoneError";
  readonly effect = "not-done";
}
