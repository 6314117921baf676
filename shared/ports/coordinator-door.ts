import type {
  AnswerMessage,
  AttemptProof,
  ClaimVerdict,
  LookVerdict,
  AnswerVerdict,
} from "#core/session/messages.ts";

/** What an agent may ask of the coordinator. Every call proves its attempt with the task's token. */
export interface CoordinatorDoor {
  /** May this attempt still run? Changes nothing. */
  look(proof: AttemptProof): Promise<LookVerdict>;
  /** Says that the agent is at work on this attempt, and asks whether its answer still counts. Nothing is committed. */
  beat(proof: AttemptProof): Promise<LookVerdict>;
  /** Commits that an effect is about to happen. The same execution may ask again; another one is refused. */
  claim(proof: AttemptProof, execution: string): Promise<ClaimVerdict>;
  answer(answer: AnswerMessage): Promise<AnswerVerdict>;
}
