/** The form of commits from which on a session may begin with another one's state. */
export const FORK_FORM = 4;

/** What a deployment says to a fork that may not write them yet. */
export const NO_FORKS = `Forks need commits of form ${FORK_FORM}, and this deployment writes older ones. Deploy it with commitForm ${FORK_FORM}.`;
