/** What people are told: a line without anything personal, and the name of what it is about. */
export interface PeopleNotice {
  readonly text: string;
  /** The event that it is about, `tenant/session/sequence`: the same however often it is told. */
  readonly event: string;
  readonly tenant: string;
  readonly session: string;
}

/**
 * One way to tell people something. At least once: who calls it calls it again after an error, and after a crash also without one.
 * Throws a SpineError (`notice.rejected`) that names no address; `retryable` if the same notice may be taken later.
 */
export interface Notify {
  /** For lines about trouble, such as `sns`. */
  readonly name: string;
  notify(notice: PeopleNotice): Promise<void>;
}
