import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { beforeEach, describe, expect, it } from "vitest";
import { createS3Blobs } from "#aws/s3/s3-blobs.ts";
import { createS3DocumentStore } from "#functions/agents/documents/s3-document-store.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";

const s3 = mockedClient(S3Client);
const client = new S3Client({
  region: "eu-west-1",
  credentials: { accessKeyId: "key", secretAccessKey: "secret" },
});
const stored = (text: string) => ({ Body: { transformToString: () => Promise.resolve(text) } as never });

beforeEach(() => s3.reset());

describe("blobs on S3", () => {
  const blobs = createS3Blobs({ client, bucket: "blobs" });

  it("are stored and read by key", async () => {
    s3.on(PutObjectCommand).resolves({});
    s3.on(GetObjectCommand).resolves(stored("text"));
    await blobs.put("views/a", "text");
    expect(await blobs.get("views/a")).toBe("text");
    expect(inputsOf(s3)).toEqual([
      { Bucket: "blobs", Key: "views/a", Body: "text", ContentType: "application/json" },
      { Bucket: "blobs", Key: "views/a" },
    ]);
  });

  it("are undefined when nothing is stored, and unavailable when S3 does not answer", async () => {
    s3.on(GetObjectCommand).rejectsOnce(awsError("NoSuchKey")).rejects(awsError("SlowDown"));
    expect(await blobs.get("views/a")).toBeUndefined();
    const unavailable = { code: "log.unavailable", retryable: true };
    await expect(blobs.get("views/a")).rejects.toMatchObject(unavailable);
    s3.on(PutObjectCommand).rejects(awsError("InternalError"));
    await expect(blobs.put("views/a", "text")).rejects.toMatchObject(unavailable);
  });

  it("are linked by a presigned GET that expires at the requested time, within S3's limit", async () => {
    const link = new URL(await blobs.link("views/a", 90_001));
    expect(link.pathname).toBe("/views/a");
    expect(link.searchParams.get("X-Amz-Expires")).toBe("91");
    const lasting = async (forMs: number) =>
      new URL(await blobs.link("views/a", forMs)).searchParams.get("X-Amz-Expires");
    expect(await lasting(-5)).toBe("1");
    expect(await lasting(1e12)).toBe("604800");
    expect(link.searchParams.get("X-Amz-Signature")).toMatch(/^[0-9a-f]{64}$/);
    expect(link.href).not.toContain("secret");
  });
});

describe("the documents on S3", () => {
  const store = createS3DocumentStore({ client, bucket: "documents" });
  const document = { key: "quote/ada/1.txt", text: "A quote" };

  it("are written only if the key is free", async () => {
    s3.on(PutObjectCommand).resolves({});
    await store.put(document);
    expect(inputsOf(s3)).toEqual([
      {
        Bucket: "documents",
        Key: "quote/ada/1.txt",
        Body: "A quote",
        ContentType: "text/plain; charset=utf-8",
        IfNoneMatch: "*",
      },
    ]);
  });

  it("accept the same text again and reject a different one", async () => {
    s3.on(PutObjectCommand).rejects(awsError("PreconditionFailed"));
    s3.on(GetObjectCommand).resolvesOnce(stored("A quote")).resolves(stored("Another quote"));
    await store.put(document);
    await expect(store.put(document)).rejects.toThrow("another content");
  });

  it("pass on any other error", async () => {
    s3.on(PutObjectCommand).rejects(awsError("AccessDenied", "forbidden"));
    await expect(store.put(document)).rejects.toThrow("forbidden");
  });
});
