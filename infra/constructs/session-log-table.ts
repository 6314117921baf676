import { RemovalPolicy } from "aws-cdk-lib";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as iam from "aws-cdk-lib/aws-iam";
import type * as kms from "aws-cdk-lib/aws-kms";
import { Construct } from "constructs";
import { grantTableKey, tableEncryption } from "./table-encryption.ts";
import {
  FLOW_PARTITION,
  HEALTH_PARTITION,
  HEARTBEAT_PARTITION,
  KEY_PARTITION_END,
  MARKER_PARTITION,
  PROGRESS_PARTITION,
  QUOTA_PARTITION,
  RETENTION_PARTITION,
  STREAM_PARTITION,
  TableAttribute,
  WAIT_PARTITION,
} from "#aws/names.ts";
import { parseTenantId } from "#core/ids.ts";

/** Retained when the stack is removed or no longer contains it; but a failed first deployment leaves nothing behind. */
export const RETAINED = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

export interface StoreProps {
  /** What happens to the data when the stack is removed. @default it is retained, except after a failed first deployment */
  readonly removalPolicy?: RemovalPolicy;
}

/** An existing table, such as one that was restored to an earlier moment. */
export interface ExistingTable {
  readonly tableName: string;
  /** The ARN of its stream, with new images; on a restored table the stream must be enabled first. */
  readonly streamArn: string;
}

export interface SessionLogTableProps extends StoreProps {
  /**
   * Protects the table against deletion, even by CloudFormation when it rolls a failed first deployment back. So enable it in
   * the second one.
   * @default false
   */
  readonly deletionProtection?: boolean;
  /**
   * A customer's key, whose every use is charged: for the table, and for a spine's bucket, queues, logs and secret too.
   * @default keys of AWS's own, which cost nothing
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Uses this table instead of creating one. `npm run check-table` lists the settings that it must have.
   * @default one is created
   */
  readonly existingTable?: ExistingTable;
}

/** Which partitions a right is for, as patterns of IAM. */
interface Partitions {
  readonly like: readonly string[];
  readonly unlike?: readonly string[];
}

/** Commits of sessions, with their markers and keys; what is no session's begins with "#". */
const SESSIONS: Partitions = { like: ["*/*"], unlike: ["#*"] };
const PROGRESS: Partitions = { like: [`${PROGRESS_PARTITION}*`] };
const MARKERS: Partitions = { like: [`*/*${MARKER_PARTITION}*`] };
const KEYS: Partitions = { like: [`*/*${KEY_PARTITION_END}`] };
const NOTES: Partitions = { like: [`${RETENTION_PARTITION}*`] };
const HEALTH: Partitions = { like: [HEALTH_PARTITION, `${HEALTH_PARTITION}/*`] };
const HEARTBEATS: Partitions = { like: [`${HEARTBEAT_PARTITION}*`] };
const WAITS: Partitions = { like: [`${WAIT_PARTITION}*`] };
const STREAMS: Partitions = { like: [`${STREAM_PARTITION}*`] };
/** Flows belong to no tenant and no session. */
const FLOWS: Partitions = { like: [`${FLOW_PARTITION}*`] };
const QUOTAS: Partitions = { like: [`${QUOTA_PARTITION}*`] };

/**
 * The log of every session: one item per commit; its stream feeds the relay. Only retention has the right to delete an item.
 *
 * @example
 * const log = new SessionLogTable(this, "Log", { deletionProtection: true });
 */
export class SessionLogTable extends Construct {
  readonly table: dynamodb.ITable;
  private readonly encryptionKey: kms.IKey | undefined;

  constructor(scope: Construct, id: string, props: SessionLogTableProps = {}) {
    super(scope, id);
    this.encryptionKey = props.encryptionKey;
    this.table = props.existingTable === undefined ? this.made(props) : this.adopted(props.existingTable);
  }

  private made({
    removalPolicy = RETAINED,
    deletionProtection = false,
    encryptionKey,
  }: SessionLogTableProps) {
    return new dynamodb.Table(this, "Table", {
      partitionKey: { name: TableAttribute.partition, type: dynamodb.AttributeType.STRING },
      sortKey: { name: TableAttribute.sort, type: dynamodb.AttributeType.NUMBER },
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      ...tableEncryption(encryptionKey),
      // Only tombstones, agents' heartbeats and counters, of agents' health and of tenants' quotas, carry the attribute: no commit is ever deleted by age.
      timeToLiveAttribute: TableAttribute.expires,
      stream: dynamodb.StreamViewType.NEW_IMAGE,
      removalPolicy,
      deletionProtection,
    });
  }

  private adopted({ tableName, streamArn }: ExistingTable): dynamodb.ITable {
    if (!streamArn.includes(`:table/${tableName}/stream/`))
      throw new Error(
        `The stream ${streamArn} does not belong to the table ${tableName}. Give the LatestStreamArn that describe-table shows.`,
      );
    return dynamodb.Table.fromTableAttributes(this, "Existing", { tableName, tableStreamArn: streamArn });
  }

  /** Read sessions: their commits, markers and flows; of all tenants, including the health of agents, or of one. */
  grantReadSession(grantee: iam.IGrantable, tenant?: string): iam.Grant {
    const own = tenant === undefined ? undefined : { like: [`${parseTenantId(tenant)}/*`, ...FLOWS.like] };
    return this.grant(grantee, "read", ["dynamodb:GetItem", "dynamodb:Query"], own);
  }

  /** Read commits of sessions of all tenants, and nothing beside them. */
  grantReadCommits(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "read", ["dynamodb:Query"]);
  }

  /** Read the whole log of all tenants, to relay commits again. */
  grantScan(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "read", ["dynamodb:Scan"]);
  }

  /**
   * Append commits, put the flows that they name, write markers and count agents' outcomes, in addition to reading. A batch may also
   * delete, so this right is limited to markers.
   */
  grantAppend(grantee: iam.IGrantable): iam.Grant {
    return this.grantReadSession(grantee)
      .combine(this.grant(grantee, "write", ["dynamodb:PutItem"], SESSIONS))
      .combine(this.grant(grantee, "write", ["dynamodb:PutItem"], FLOWS))
      .combine(this.grant(grantee, "write", ["dynamodb:BatchWriteItem"], MARKERS))
      .combine(this.grant(grantee, "write", ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"], HEALTH));
  }

  /** Keep how far ordered subscriptions have got, and nothing else: it can be taken for no commit. */
  grantKeepProgress(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "write", ["dynamodb:UpdateItem"], PROGRESS);
  }

  /** Count what tenants send, and nothing else. */
  grantCountQuotas(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "write", ["dynamodb:UpdateItem"], QUOTAS);
  }

  /** Take and leave permits of requests that are held, and nothing else. */
  grantHold(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "write", ["dynamodb:UpdateItem"], WAITS);
  }

  /** Take and leave permits of open streams, and nothing else. */
  grantStream(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "write", ["dynamodb:UpdateItem"], STREAMS);
  }

  /** Read what was counted of tenants, and nothing else. Who may read sessions may do so anyhow. */
  grantReadQuotas(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "read", ["dynamodb:GetItem"], QUOTAS);
  }

  /** Note when agents were heard of, and nothing else: no beat can be taken for a commit. */
  grantNoteHeartbeats(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "write", ["dynamodb:PutItem"], HEARTBEATS);
  }

  /** Note when sessions are to be looked at for their retention, and nothing else: no note can be taken for a commit. */
  grantNoteRetention(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "write", ["dynamodb:PutItem"], NOTES);
  }

  /** Keep wrapped data keys of sessions, and nothing else: no key can be taken for a commit. */
  grantKeepKeys(grantee: iam.IGrantable): iam.Grant {
    return this.grant(grantee, "write", ["dynamodb:PutItem"], KEYS);
  }

  /** Expire sessions: write tombstones, and delete their commits, keys and notes. */
  grantExpire(grantee: iam.IGrantable): iam.Grant {
    return this.grantReadSession(grantee)
      .combine(this.grant(grantee, "write", ["dynamodb:BatchWriteItem", "dynamodb:PutItem"], SESSIONS))
      .combine(this.grant(grantee, "write", ["dynamodb:DeleteItem", "dynamodb:PutItem"], NOTES))
      .combine(this.grant(grantee, "write", ["dynamodb:DeleteItem"], KEYS))
      .combine(this.grant(grantee, "write", ["dynamodb:DeleteItem"], PROGRESS));
  }

  /** Follow the stream. Listing streams is the one right that DynamoDB gives for all of them or none. */
  grantReadStream(grantee: iam.IGrantable): iam.Grant {
    const actions = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];
    grantTableKey(this.encryptionKey, grantee, "read");
    return iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [this.streamArn] }).combine(
      iam.Grant.addToPrincipal({ grantee, actions: ["dynamodb:ListStreams"], resourceArns: ["*"] }),
    );
  }

  get streamArn(): string {
    const { tableStreamArn } = this.table;
    if (tableStreamArn === undefined) throw new Error("The log's table has no stream for the relay to read.");
    return tableStreamArn;
  }

  /** The right to items of some partitions; of all where none are named. */
  private grant(
    grantee: iam.IGrantable,
    access: "read" | "write",
    actions: string[],
    partitions?: Partitions,
  ): iam.Grant {
    grantTableKey(this.encryptionKey, grantee, access);
    const { like, unlike } = partitions ?? {};
    return iam.Grant.addToPrincipal({
      grantee,
      actions,
      resourceArns: [this.table.tableArn],
      ...(partitions !== undefined && {
        conditions: {
          "ForAllValues:StringLike": { "dynamodb:LeadingKeys": like },
          ...(unlike !== undefined && { "ForAllValues:StringNotLike": { "dynamodb:LeadingKeys": unlike } }),
        },
      }),
    });
  }
}
