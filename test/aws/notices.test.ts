import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { beforeEach, describe, expect, it } from "vitest";
import { readSecretText } from "#aws/secrets/read-secret-text.ts";
import { createSnsNotify } from "#aws/sns/sns-notify.ts";
import { createWebhookNotify } from "#aws/webhook/webhook-notify.ts";
import { isSpineError } from "#core/errors.ts";
import { awsError, inputsOf, mockedClient } from "./aws-mock.ts";

const NOTICE = { text: "A question: <a&b>", event: "shop/s1/5", tenant: "shop", session: "s1" };
const thrown = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("a notice to a topic", () => {
  const sns = mockedClient(SNSClient);
  const topicArn = "arn:aws:sns:eu-west-1:111122223333:spine-questions";
  const { notify } = createSnsNotify({ client: new SNSClient({}), topicArn, subject: "A question" });
  beforeEach(() => void sns.reset());

  it("is published with attributes that subscriptions can select by", async () => {
    sns.on(PublishCommand).resolves({ MessageId: "1" });
    await notify(NOTICE);
    const text = (StringValue: string) => ({ DataType: "String", StringValue });
    expect(inputsOf(sns)).toEqual([
      {
        TopicArn: topicArn,
        Subject: "A question",
        Message: NOTICE.text,
        MessageAttributes: { event: text("shop/s1/5"), tenant: text("shop"), session: text("s1") },
      },
    ]);
  });

  it("is rejected for now when SNS fails", async () => {
    sns.on(PublishCommand).rejects(awsError("ThrottledException"));
    const error = await thrown(notify(NOTICE));
    expect(isSpineError(error, "notice.rejected") && error.retryable).toBe(true);
  });
});

describe("a notice to a webhook", () => {
  const URL_OF_IT = "https://hooks.example.com/services/T0/B0/secret";
  const webhook = (answers: readonly (number | Error)[], urls: readonly string[] = [URL_OF_IT]) => {
    const posts: { readonly url: string; readonly init: RequestInit }[] = [];
    let reads = 0;
    const way = createWebhookNotify({
      readUrl: () => Promise.resolve(urls[Math.min(reads++, urls.length - 1)] ?? ""),
      send(url, init) {
        posts.push({ url, init });
        const answer = answers[posts.length - 1] ?? 200;
        return typeof answer === "number"
          ? Promise.resolve({ status: answer, body: null })
          : Promise.reject(answer);
      },
    });
    return { posts, way, reads: () => reads };
  };

  it("is a text as Slack takes it, posted to the address of the secret, which is read once", async () => {
    const { posts, way, reads } = webhook([]);
    await way.notify(NOTICE);
    await way.notify(NOTICE);
    expect(reads()).toBe(1);
    expect(posts).toHaveLength(2);
    expect(posts[0]?.url).toBe(URL_OF_IT);
    expect(posts[0]?.init).toMatchObject({
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": "shop/s1/5" },
      body: '{"text":"A question: &lt;a&amp;b&gt;"}',
      redirect: "manual",
    });
    expect(posts[0]?.init.signal).toBeInstanceOf(AbortSignal);
  });

  it.each([
    [429, true],
    [503, true],
    [404, false],
    [302, false],
  ])("that is answered with %i is rejected", async (status, retryable) => {
    const { way } = webhook([status]);
    const error = await thrown(way.notify(NOTICE));
    expect(isSpineError(error, "notice.rejected") && [error.message, error.retryable]).toEqual([
      `The webhook answered ${status}.`,
      retryable,
    ]);
  });

  it("reads the address again after a failure, and tells nobody what it was", async () => {
    const { posts, way } = webhook([new TypeError(`cannot reach ${URL_OF_IT}`)], [URL_OF_IT, "https://new/"]);
    const error = await thrown(way.notify(NOTICE));
    expect(isSpineError(error, "notice.rejected") && error.retryable).toBe(true);
    expect(String(error)).toBe("SpineError: The webhook was not reached: TypeError.");
    expect((error as Error).cause).toBeUndefined();
    await way.notify(NOTICE);
    expect(posts[1]?.url).toBe("https://new/");
  });

  it.each(["http://hooks.example.com/a", "file:///etc/passwd", "hooks.example.com", ""])(
    "goes nowhere when the secret's text is %j",
    async (text) => {
      const { posts, way } = webhook([], [text]);
      const error = await thrown(way.notify(NOTICE));
      expect(String(error)).toContain("is no https address");
      expect(posts).toEqual([]);
    },
  );

  it("may go to this machine without https", async () => {
    const { posts, way } = webhook([], ["http://127.0.0.1:8080/hook"]);
    await way.notify(NOTICE);
    expect(posts).toHaveLength(1);
  });
});

describe("the text of a secret", () => {
  const secrets = mockedClient(SecretsManagerClient);
  beforeEach(() => void secrets.reset());
  const read = () => readSecretText(new SecretsManagerClient({}), "arn:secret");

  it("is its current one, without spaces around it", async () => {
    secrets.on(GetSecretValueCommand, { SecretId: "arn:secret" }).resolves({ SecretString: " https://x/\n" });
    expect(await read()).toBe("https://x/");
  });

  it("is missed in one of bytes", async () => {
    secrets.on(GetSecretValueCommand).resolves({ SecretBinary: new Uint8Array([1]) });
    expect(isSpineError(await thrown(read()), "secret.unavailable")).toBe(true);
  });
});
