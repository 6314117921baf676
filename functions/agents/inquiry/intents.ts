import { INTENTS } from "#contracts/vocabulary.ts";
import type { Intent } from "#contracts/vocabulary.ts";
import { DOMAIN_WORDS, FOREIGN_WORDS } from "./lexicon.ts";

/** What the slots already showed about the message. */
export interface Evidence {
  readonly service: boolean;
  readonly date: boolean;
  readonly topic: boolean;
}

type Actionable = Exclude<Intent, "other">;
export type Scores = Readonly<Record<Actionable, number>>;

interface Cue {
  readonly intent: Actionable;
  /** About 4 decides alone, about 2 needs support, under 1 only supports. */
  readonly weight: number;
  readonly shows: RegExp;
  readonly unless?: RegExp;
}

const OTHER_CUES = 0.4;
const TRADE =
  "(?:plumber|electrician|gardener|cleaners?|painter|decorator|roofer|locksmith|engineer|technician|specialist|handyman)";
const NOT_YET = /\b(?:do not|not|without|before) (?:\w+ ){0,2}(?:book|schedule|arrange)/;
const EXISTING = "(?:appointment|visit|booking|slot|inspection|hs-\\d{4})";

const CUES: readonly Cue[] = [
  {
    intent: "book",
    weight: 3.5,
    shows: new RegExp(
      `\\b(?:book|arrange|schedule|set up|organi[sz]e|make|reserve|get|need|want|like|have)\\b(?: \\w+){0,3} (?:an?|another|any) (?:\\w+ ){0,3}(?:appointment|visit|slot|inspection)\\b`,
    ),
    unless: NOT_YET,
  },
  {
    intent: "book",
    weight: 3.5,
    shows: new RegExp(
      `\\b(?:book|arrange|schedule|organi[sz]e|reserve)\\b(?: [\\w-]+){0,4} (?:${TRADE}|someone|somebody|service|cleaning|clean|gardening|painting|repair|check|me in|us in|it in)\\b|\\bbook (?:me|us|it) in\\b`,
    ),
    unless: NOT_YET,
  },
  {
    intent: "book",
    weight: 3,
    shows: new RegExp(
      `\\b(?:send|get|have|need|want|require|looking for)\\b(?: \\w+){0,2} (?:an?|some|your|one of your|someone|somebody)(?: \\w+){0,2}(?: ${TRADE})?(?: \\w+){0,3} (?:${TRADE}|out|round|over|to come|come|look at|to fix|to check|to (?:do|sort|clear|paint|clean|mow|trim))\\b`,
    ),
    unless: /\b(?:quote|estimate|letter|recommend|refund|was|did not|never)\b/,
  },
  {
    intent: "book",
    weight: 2.5,
    shows:
      /\b(?:can|could|would|will) (?:you|someone|somebody|one of your \w+|your \w+)(?: please| possibly| maybe)? (?:come|fix|repair|service|clean|check|paint|mow|trim|unblock|have a look|take a look|look at|change|replace|fit us in|fit me in|squeeze)\b/,
  },
  {
    intent: "book",
    weight: 2.5,
    shows:
      /\b(?:any|have|what|next|first|earliest)(?: \w+){0,3} (?:availability|slots?|openings?|appointments?)\b|\b(?:are you|anyone|anybody|someone) (?:free|available)\b/,
    unless: /\b(?:cancel|move|change|reschedule|opening (?:hours|times))\b/,
  },
  {
    intent: "book",
    weight: 1.8,
    shows:
      /\b(?:leaking|dripping|blocked|burst|broken|broke down|not working|stopped working|packed up|no hot water|no heating|locked (?:myself )?out|tripping|infestation|nest|flickering|is cold|needs? (?:a |an |its )?(?:\w+ )?(?:service|servicing|repair|fixing|doing|cutting|painting|seeing to|clean))\b/,
    unless: /\b(?:again|still|after your|your (?:people|man|team|engineer|plumber|electrician|guy))\b/,
  },
  { intent: "book", weight: 0.9, shows: /\b(?:book|schedule|arrange)\b/, unless: NOT_YET },

  {
    intent: "book",
    weight: 2,
    shows:
      /\b(?:we|i) (?:have|have got|found|saw) (?:\w+ ){0,2}(?:mice|rats?|wasps?|ants|moths|cockroaches|bed ?bugs|a leak)\b/,
  },
  {
    intent: "reschedule",
    weight: 4,
    shows: /\bmy (?:appointment|visit|booking)\b.*\binstead\b/,
  },
  {
    intent: "reschedule",
    weight: 4,
    shows:
      /\b(?:reschedul\w*|rearrang\w*|re-?book\w*|postpon\w*|push (?:it |my \w+ |the \w+ )?back|put off|bring (?:it |my \w+ |the \w+ )?forward)\b/,
  },
  {
    intent: "reschedule",
    weight: 4,
    shows: new RegExp(
      `\\b(?:change|move|moved|shift|switch|swap)\\b(?: [\\w'/-]+){0,4} (?:${EXISTING}|(?:another|a different|a later|an earlier) (?:day|date|time|slot))\\b`,
    ),
  },
  {
    intent: "reschedule",
    weight: 3.5,
    shows:
      /\b(?:can not|will not be able to|not able to|unable to|can no longer) (?:make|do|manage|be (?:in|there|home))\b/,
  },
  {
    intent: "reschedule",
    weight: 1.5,
    shows:
      /\b(?:another (?:day|time|date)|different (?:day|time|date)|(?:later|earlier) (?:day|time|date|slot)|instead)\b/,
  },

  {
    intent: "cancel",
    weight: 3.5,
    shows: /\b(?:do not|need not|no need to) (?:send|come|bother|turn up)\b/,
  },
  {
    intent: "cancel",
    weight: 4,
    shows: /\b(?:cancel|cancelling|call off|call it off)\b/,
    unless: /\bwhat happens if i cancel|if i (?:have to |need to )?cancel\b/,
  },
  {
    intent: "cancel",
    weight: 3.5,
    shows: new RegExp(
      `\\b(?:no longer|do not|not) (?:need|want|require)\\b(?: \\w+){0,5} (?:${EXISTING}|${TRADE}|you to come|anyone|anymore|any more)\\b`,
    ),
  },
  {
    intent: "cancel",
    weight: 2.5,
    shows:
      /\b(?:forget about|take me off|remove my) (?:\w+ ){0,2}(?:appointment|visit|booking|list|schedule)\b/,
  },

  {
    intent: "document",
    weight: 4,
    shows:
      /\b(?:send|email|mail|post|need|get|want|have|provide|draw up|prepare|write|issue|give|request|like|see|put)\b(?: [\w'-]+){0,8} (?:quote|quotation|estimate|letter|document|agreement|in writing|paperwork|written confirmation|written acknowledgement|proof|invoice|receipt|cancellation confirmation|confirmation|contract)\b/,
  },
  {
    intent: "document",
    weight: 2.5,
    shows:
      /\b(?:quote|quotation|estimate|written (?:confirmation|price|proof)|(?:confirmation|cancellation) letter|paperwork|on paper)\b/,
  },

  {
    intent: "recommend",
    weight: 4,
    shows:
      /\b(?:recommend(?:ation|ations|ed)?|suggest(?:ion|ions|ed)?|advise|what would you (?:choose|pick|go for)|what (?:do|would) you think (?:is|would be) best)\b/,
  },
  {
    intent: "recommend",
    weight: 4,
    shows:
      /\b(?:which|what)(?: \w+){0,4} (?:best|better|right|suits?|suitable|should (?:i|we)|would (?:be|suit|fit|work))\b/,
  },
  {
    intent: "recommend",
    weight: 3,
    shows:
      /\b(?:best|right|suitable|cheapest|good) (?:\w+ )?(?:plan|package|option|deal|offer|product|one for)\b|\b(?:what|which|any|some)(?: \w+){0,2} (?:plans?|packages?|options|offers|deals)\b|\b(?:do you have|is there|have you got|looking for|after) (?:something|anything|a plan|a package|an option)\b/,
  },
  { intent: "recommend", weight: 1.5, shows: /\b(?:not sure|no idea|do not know) (?:which|what)\b/ },

  {
    intent: "complain",
    weight: 4.5,
    shows:
      /\b(?:complain(?:t|ts|ing)?|unhappy|not (?:at all )?(?:happy|satisfied|impressed)|dissatisfied|disappoint\w*|unacceptable|disgust\w*|appall\w*|disgrace\w*|my money back|refund)\b/,
  },
  {
    intent: "complain",
    weight: 3,
    shows:
      /\b(?:terrible|awful|rubbish|dreadful|shocking|shoddy|poor (?:job|work|service)|rude|unprofessional|never (?:turned|showed|came)|did not (?:turn|show) up|nobody (?:came|turned|showed)|no[ -]one (?:came|turned|showed)|left (?:a|such a) mess|ruined|worse than before|overcharged|waited (?:in )?all (?:day|morning|afternoon)|(?:second|third) time)\b/,
  },
  {
    intent: "complain",
    weight: 2,
    shows:
      /\b(?:your (?:\w+ )?(?:people|man|lady|team|engineer|plumber|electrician|painter|cleaner|cleaners|guy|guys|crew)(?: \w+){0,6} (?:broke|scratched|damaged|left|forgot|missed|late|spilled|smashed)|(?:still|again) (?:leaking|broken|not working|dirty|dripping|dead)|is (?:leaking|dripping|broken) again)\b/,
  },
];

const QUESTION =
  /\?|\b(?:what|when|where|how|which|who|do you|does|is it|are you|are your|can i|could i|will i|should i|would i|do i|tell me|wondering|wonder|know (?:if|whether|about)|curious)\b/;

const actionable = INTENTS.filter((intent): intent is Actionable => intent !== "other");

/** How strongly a normalised text speaks for each intent. */
export const intentScores = (text: string, evidence: Evidence): Scores => {
  const scores: Record<Actionable, number> = {
    book: 0,
    reschedule: 0,
    cancel: 0,
    document: 0,
    recommend: 0,
    complain: 0,
    ask: 0,
  };
  for (const { intent, weight, shows, unless } of CUES) {
    if (!shows.test(text) || unless?.test(text)) continue;
    // The strongest cue counts whole; the others often rest on the same words.
    scores[intent] = Math.max(scores[intent], weight) + OTHER_CUES * Math.min(scores[intent], weight);
  }
  if (evidence.topic) scores.ask += QUESTION.test(text) ? 3 : 1;
  const acted = actionable.some((intent) => intent !== "ask" && intent !== "book" && scores[intent] > 0);
  // A service and a day, and nothing else asked for: the usual terse way to ask for a visit.
  if (evidence.service && evidence.date && !acted && !NOT_YET.test(text)) scores.book += 2;

  const foreign = FOREIGN_WORDS.test(text);
  const ours = evidence.service || DOMAIN_WORDS.test(text);
  const factor = foreign ? (ours ? 0.5 : 0.1) : 1;
  for (const intent of actionable) {
    // Moving, cancelling and complaining speak of an earlier contact; the others need a subject of ours.
    const needsSubject = intent === "book" || intent === "recommend";
    scores[intent] *= factor * (needsSubject && !ours ? 0.4 : 1);
  }
  return scores;
};
