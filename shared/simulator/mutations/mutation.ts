/** One exact replacement in a file; its text must occur exactly once, so that a change that moves it is noticed. */
export interface Edit {
  readonly file: string;
  readonly text: string;
  readonly by: string;
}

/** A mistake that somebody could make, as edits of the code. */
export interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
}
