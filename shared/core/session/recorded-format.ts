/** What `format` says of a recorded session: another one is another shape. */
export const RECORDED_FORMAT = "event-spine.session/1";
