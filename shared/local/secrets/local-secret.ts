import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { AwsError } from "../http/service-error.ts";

export interface SecretContent {
  readonly SecretString?: string;
  /** In base64. */
  readonly SecretBinary?: string;
}

/** A version of a secret. Stages say what it is now; one without a stage is deprecated, and still there. */
export interface StoredVersion extends SecretContent {
  readonly id: string;
  readonly stages: readonly string[];
  /** Seconds since 1970. */
  readonly createdAt: number;
}

export interface LocalSecret {
  readonly arn: string;
  readonly name: string;
  find(wanted: { readonly id?: string; readonly stage?: string }): StoredVersion;
  put(given: PutVersion): StoredVersion;
}

export interface PutVersion extends SecretContent {
  /** The id of the version, which makes a repeated call harmless. @default a random one */
  readonly token?: string;
  /** @default AWSCURRENT */
  readonly stages?: readonly string[];
}

export interface LocalSecretOptions {
  readonly arn: string;
  readonly name: string;
  /** What it is made with. */
  readonly value: string;
  /** Keeps its versions. @default in memory */
  readonly file?: string | undefined;
  /** ms. */
  readonly now: () => number;
}

const CURRENT = "AWSCURRENT";
const PREVIOUS = "AWSPREVIOUS";
const MOST_BYTES = 65_536;
/** Secrets Manager keeps about so many versions, and removes deprecated ones beyond. */
const MOST_VERSIONS = 100;

/** A secret with its versions, as Secrets Manager keeps them. */
export function createLocalSecret({ arn, name, value, file, now }: LocalSecretOptions): LocalSecret {
  const seconds = () => now() / 1_000;
  let versions: readonly StoredVersion[] = readFrom(file) ?? [
    { id: randomUUID(), stages: [CURRENT], SecretString: value, createdAt: seconds() },
  ];
  const keep = () => {
    if (file === undefined) return;
    writeFileSync(`${file}.draft`, JSON.stringify(versions), { mode: 0o600 });
    renameSync(`${file}.draft`, file);
  };
  keep();

  return {
    arn,
    name,
    find({ id, stage = id === undefined ? CURRENT : undefined }) {
      if (id !== undefined) checkId(id, "VersionId");
      const found = versions.find((one) => (id === undefined ? has(one, stage) : one.id === id));
      if (found === undefined) throw notFound(id === undefined ? "staging label" : "VersionId", id ?? stage);
      if (stage !== undefined && !has(found, stage))
        throw new AwsError(
          "InvalidRequestException",
          "You provided a VersionStage that is not associated to the provided VersionId.",
        );
      return found;
    },
    put({ token = randomUUID(), stages = [CURRENT], ...content }) {
      checkId(token, "ClientRequestToken");
      checkContent(content);
      const known = versions.find(({ id }) => id === token);
      if (known !== undefined && !isSame(known, content))
        throw new AwsError(
          "ResourceExistsException",
          `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`,
        );
      if (known !== undefined) return known;
      const made: StoredVersion = { id: token, stages, ...content, createdAt: seconds() };
      versions = withoutOld([...versions.map((one) => restaged(one, stages)), made]);
      keep();
      return made;
    },
  };
}

const has = ({ stages }: StoredVersion, stage: string | undefined): boolean =>
  stage !== undefined && stages.includes(stage);

/** A stage is one version's at a time; what was current becomes the previous one. */
function restaged(version: StoredVersion, taken: readonly string[]): StoredVersion {
  const becomesPrevious = taken.includes(CURRENT) && has(version, CURRENT);
  const left = version.stages.filter(
    (stage) => !taken.includes(stage) && !(stage === PREVIOUS && taken.includes(CURRENT)),
  );
  return { ...version, stages: becomesPrevious ? [...left, PREVIOUS] : left };
}

function withoutOld(versions: readonly StoredVersion[]): readonly StoredVersion[] {
  const oldest = versions.findIndex(({ stages }) => stages.length === 0);
  return versions.length > MOST_VERSIONS && oldest >= 0 ? versions.toSpliced(oldest, 1) : versions;
}

const isSame = (one: SecretContent, other: SecretContent): boolean =>
  one.SecretString === other.SecretString && one.SecretBinary === other.SecretBinary;

function checkId(id: string, field: string): void {
  if (id.length >= 32 && id.length <= 64) return;
  throw new AwsError("InvalidParameterException", `${field} must be 32-64 characters long.`);
}

function checkContent({ SecretString, SecretBinary }: SecretContent): void {
  if ((SecretString === undefined) === (SecretBinary === undefined))
    throw new AwsError("InvalidParameterException", "You must provide either SecretString or SecretBinary.");
  const bytes = Buffer.byteLength(SecretString ?? Buffer.from(SecretBinary ?? "", "base64"));
  if (bytes < 1 || bytes > MOST_BYTES)
    throw new AwsError("InvalidParameterException", `A secret value has 1 to ${MOST_BYTES} bytes.`);
}

function notFound(what: string, which = ""): AwsError {
  return new AwsError(
    "ResourceNotFoundException",
    `Secrets Manager can't find the specified secret value for ${what}: ${which}`,
  );
}

function readFrom(file: string | undefined): readonly StoredVersion[] | undefined {
  if (file === undefined || !existsSync(file)) return undefined;
  // Written above.
  return JSON.parse(readFileSync(file, "utf8")) as readonly StoredVersion[];
}
