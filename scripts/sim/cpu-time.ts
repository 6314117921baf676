/** Seconds that this one thread had on a core since now: other work on the machine does not count. */
export function startCpuTime(): () => number {
  const begun = process.threadCpuUsage();
  return () => {
    const { user, system } = process.threadCpuUsage(begun);
    return (user + system) / 1e6;
  };
}
