/** SHA-256 as the SDK's signer wants it, keyed or not, by Web Crypto: in browsers there is nothing else. */
export class WebSha256 {
  readonly #key: Uint8Array<ArrayBuffer> | undefined;
  #parts: Uint8Array<ArrayBuffer>[] = [];

  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#key = key === undefined ? undefined : bytesOf(key);
  }

  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.#parts.push(bytesOf(chunk));
  }

  async digest(): Promise<Uint8Array> {
    const { subtle } = globalThis.crypto;
    const bytes = new Uint8Array(await new Blob(this.#parts).arrayBuffer());
    if (this.#key === undefined) return new Uint8Array(await subtle.digest("SHA-256", bytes));
    const hmac = { name: "HMAC", hash: "SHA-256" };
    const key = await subtle.importKey("raw", this.#key, hmac, false, ["sign"]);
    return new Uint8Array(await subtle.sign("HMAC", key, bytes));
  }

  reset(): void {
    this.#parts = [];
  }
}

function bytesOf(source: string | ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  if (typeof source === "string") return new TextEncoder().encode(source);
  // A copy: what was hashed must not change under it.
  return ArrayBuffer.isView(source)
    ? Uint8Array.from(new Uint8Array(source.buffer, source.byteOffset, source.byteLength))
    : new Uint8Array(source.slice(0));
}
