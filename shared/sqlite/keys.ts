/** What the keys start with that flows have among the blobs of a log's file; sessions' blobs have other ones. */
export const FLOWS = "flows/";
