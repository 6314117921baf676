/** What is counted, by cause: CPU really executed, and requests on the wire. */
export class Meter {
  readonly cpuMs = new Map<string, number>();
  readonly requests = new Map<string, number>();

  cpu(cause: string, ms: number): void {
    add(this.cpuMs, cause, ms);
  }

  request(operation: string): void {
    add(this.requests, operation, 1);
  }

  get totalCpuMs(): number {
    return [...this.cpuMs.values()].reduce((sum, ms) => sum + ms, 0);
  }
}

function add(map: Map<string, number>, name: string, value: number): void {
  map.set(name, (map.get(name) ?? 0) + value);
}
