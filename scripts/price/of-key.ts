/** Behind an operation on the item that holds a session's wrapped data key. */
export const OF_KEY = " of a key";
