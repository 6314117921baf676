/** Marks the file as a session log ("SpnL" in ASCII): other programs' SQLite files have another number, or 0. */
export const APPLICATION_ID = 0x53706e4c;

/** The schema's version; a file of another version is refused. */
export const SCHEMA_VERSION = 1;

/** `position` is the order of appending over all sessions: what the relay follows. */
export const SCHEMA = `
  CREATE TABLE commits (
    position INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    session TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    snapshot INTEGER NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX commit_places ON commits (tenant, session, first);
  CREATE INDEX snapshot_places ON commits (tenant, session, first) WHERE snapshot = 1;
  CREATE TABLE markers (
    tenant TEXT NOT NULL,
    session TEXT NOT NULL,
    input TEXT NOT NULL,
    hash TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (tenant, session, input)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE blobs (key TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
  CREATE TABLE spine (secret TEXT NOT NULL, relayed INTEGER NOT NULL) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;
