/*
 * Loaded into a process before anything else, by NODE_OPTIONS: its clock is ahead of the machine's by the milliseconds that
 * the module's own URL names. Processes and threads that it starts inherit the option, so all of them tell the same time.
 * Timers and files keep the machine's.
 */
const aheadMs = Number(new URL(import.meta.url).searchParams.get("ahead"));
const Machine = Date;
const now = () => Machine.now() + aheadMs;

globalThis.Date = new Proxy(Machine, {
  construct: (date, given, made) => Reflect.construct(date, given.length === 0 ? [now()] : given, made),
  apply: () => new Machine(now()).toString(),
  get: (date, name) => (name === "now" ? now : Reflect.get(date, name)),
});
// What is made from another date's class is of this one.
Object.defineProperty(Machine.prototype, "constructor", { value: globalThis.Date });

export {};
