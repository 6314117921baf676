/** A module that is no application. */
export const greeting = "hello";
