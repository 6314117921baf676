/** What a function's answer to a batch says: these messages failed, or the answer cannot be used. */
export type BatchResult =
  { readonly type: "failures"; readonly messageIds: ReadonlySet<string> } | { readonly type: "unusable" };

const ALL_GOOD: BatchResult = { type: "failures", messageIds: new Set() };
const UNUSABLE: BatchResult = { type: "unusable" };

/**
 * Reads a ReportBatchItemFailures answer. None, null, an empty object and an empty or null list mean that all went
 * well; an id that is empty, missing or not of the batch, and any other shape, mean that the whole batch failed.
 */
export function readBatchResponse(response: unknown, batchIds: ReadonlySet<string>): BatchResult {
  if (response === undefined || response === null) return ALL_GOOD;
  if (typeof response !== "object" || Array.isArray(response)) return UNUSABLE;
  const failures = "batchItemFailures" in response ? response.batchItemFailures : undefined;
  if (failures === undefined || failures === null) return ALL_GOOD;
  if (!Array.isArray(failures)) return UNUSABLE;
  const messageIds = new Set<string>();
  for (const failure of failures as readonly unknown[]) {
    const id = itemIdentifier(failure);
    if (id === undefined || !batchIds.has(id)) return UNUSABLE;
    messageIds.add(id);
  }
  return { type: "failures", messageIds };
}

function itemIdentifier(failure: unknown): string | undefined {
  if (typeof failure !== "object" || failure === null || !("itemIdentifier" in failure)) return undefined;
  return typeof failure.itemIdentifier === "string" ? failure.itemIdentifier : undefined;
}
