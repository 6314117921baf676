/**
 * Limits of AWS that adapters, and what deploys them, build on: each stands here once. The stand-ins have theirs to
 * themselves, since they play AWS: a mistake that is made here must be refused there. This file imports nothing.
 */

/** SQS: a message's longest delay. */
export const MAX_DELAY_SECONDS = 900;
/** SQS: messages of one batch request. */
export const MAX_BATCH_MESSAGES = 10;
/** SQS: bodies and attributes of one request together. */
export const MAX_MESSAGES_BYTES = 1_048_576;
/** EventBridge: events of one PutEvents. */
export const MAX_PUT_EVENTS = 10;
/** DynamoDB: an item, names and values. */
export const MAX_ITEM_BYTES = 400 * 1_024;
/** DynamoDB: writes of one batch. */
export const MAX_BATCH_WRITES = 25;
