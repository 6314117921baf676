import type { DocumentKind, Need, Service, Topic } from "#contracts/vocabulary.ts";

/** How a normalised text shows that it is about something. */
export type Lexicon<Key extends string> = Readonly<Record<Key, RegExp>>;

export const SERVICE_WORDS: Lexicon<Service> = {
  "boiler-service":
    /\b(?:boiler (?:service|check|checked|inspection|serviced|maintenance)|(?:service|check|inspect|serviced?) (?:of )?(?:the |my |our |a )?(?:gas )?boiler|(?:boiler|it) (?:is )?(?:due|needs?) (?:for )?(?:a |an |its )?(?:annual |yearly )?service|gas safety (?:check|certificate)|annual (?:boiler )?service)\b/,
  "boiler-repair":
    /\b(?:no (?:hot water|heating)|heating (?:is |has )?(?:broken|stopped|gone|not working|packed up|down|off)|boiler (?:repair|fault|is (?:broken|leaking|making|not|dead|down)|(?:has )?(?:broke|broken|stopped|died|failed|packed|keeps))|(?:repair|fix) (?:the |my |our )?boiler|radiators? (?:is |are )?(?:cold|leaking|not)|cold radiators?)\b/,
  plumbing:
    /\b(?:plumb(?:er|ers|ing)|leak(?:ing|s|y)? (?:tap|pipe|sink|toilet|shower)|(?:tap|pipe|sink|toilet|shower|drain|drains) (?:is |has |keeps )?(?:been )?(?:leaking|dripping|blocked|burst|leaks|drips)|(?:blocked|dripping|burst) (?:tap|pipe|sink|toilet|shower|drains?)|water (?:is )?(?:coming|dripping|pouring))\b/,
  electrical:
    /\b(?:electric(?:ian|ians|al|s)|socket|sockets|fuse ?box|rewir(?:e|ing)|wiring|light (?:switch|fitting)|lights (?:keep|are) (?:tripping|flickering)|tripp(?:ing|ed)|ev charger)\b/,
  "window-cleaning":
    /\b(?:window (?:cleaning|cleaner|cleaners|clean)|(?:clean|wash|do) (?:the |my |our |all the )?(?:outside )?windows|windows (?:cleaned|washed|cleaning|are filthy|are dirty))\b/,
  "deep-cleaning":
    /\b(?:deep[ -]?clean(?:ing|ed)?|(?:house|flat|carpet|oven|spring|home|kitchen|whole house|tenancy) clean(?:ing|ed|er|ers)?|end of tenancy|clean (?:the |my |our )?(?:house|flat|carpets?|oven|kitchen|place|home)|cleaning (?:of |for )?(?:the |my |our )?(?:house|flat|carpets?|oven|kitchen|place|home)|(?<!windows? )clean(?:ing|ers?))\b/,
  gardening:
    /\b(?:garden(?:er|ers|ing|s)?|lawns?|hedges?|grass|weeding|trees?|mow(?:ing|ed)?|prun(?:e|ing))\b/,
  painting: /\b(?:paint(?:er|ers|ing|ed)?|decorat(?:or|ors|ing|e|ed)|wallpaper(?:ing|ed)?)\b/,
  roofing: /\b(?:roof(?:er|ers|ing|s)?|gutters?|roof tiles?|chimney)\b/,
  "pest-control":
    /\b(?:pests?|pest control|rats?|mice|mouse|wasps?|wasp nest|ants|moths|cockroach(?:es)?|bed ?bugs|infestation)\b/,
  locksmith:
    /\b(?:locksmith|locked (?:out|myself out)|lost (?:my |our |the )?(?:house )?keys?|(?:change|changed|changing|replace) (?:the |my |our )?locks?|locks? (?:changed|replaced|is broken|is jammed)|key (?:broke|snapped|stuck))\b/,
  "appliance-repair":
    /\b(?:washing machine|dishwasher|tumble dryer|dryer|fridge|freezer|cooker|oven (?:is |has |will )(?:not|broken|stopped|died)|appliances?(?: repair)?)\b/,
};

/** Things that stand for a service when nothing names one. */
export const SERVICE_HINTS: Partial<Lexicon<Service>> = {
  "boiler-service": /\bboilers?\b/,
  "window-cleaning": /\bwindows\b/,
};

export const NEED_WORDS: Lexicon<Need> = {
  urgent:
    /\b(?:urgent(?:ly)?|emergency|asap|as soon as possible|right away|straight away|immediately|today|locked (?:myself )?out|burst|flood(?:ing|ed)?)\b/,
  eco: /\b(?:eco|eco[ -]friendly|green(?:er)?|sustainable|environment(?:ally)?(?: friendly)?|non[ -]toxic|chemical[ -]free|without (?:harsh )?chemicals|save energy|energy bills?|organic)\b/,
  pets: /\b(?:pets?|dogs?|cats?|puppy|kitten|rabbits?)\b/,
  children: /\b(?:child(?:ren)?|kids?|baby|babies|toddlers?|newborn|nursery)\b/,
  quiet: /\b(?:quiet(?:ly)?|noise|noisy|work from home|working from home|night shifts?|sleeps? during)\b/,
  cheap:
    /\b(?:cheap(?:er|est)?|affordable|low[ -]cost|budget|tight|inexpensive|good value|best value|not too expensive|save money)\b/,
  premium:
    /\b(?:premium|best quality|top[ -]quality|high[ -]end|finest|the very best|luxury|no expense spared|money is no object|everything included|all inclusive)\b/,
  regular:
    /\b(?:regular(?:ly)?|weekly|fortnightly|monthly|every (?:week|two weeks|fortnight|month|year)|ongoing|all year(?: round)?|(?:maintenance|care) plan|subscription|contract)\b/,
  moving:
    /\b(?:moving (?:in|out|house|home)|move (?:in|out)|new (?:house|home|flat)|just moved|end of tenancy|landlord|tenants?|tenancy)\b/,
};

export const TOPIC_WORDS: Lexicon<Topic> = {
  hours:
    /\b(?:opening (?:hours|times)|what (?:are your )?hours|what time do you|when (?:do|are) you (?:open|close|closed)|(?:are you|you are|you) (?:open|closed)|open (?:on|at|until|late)|work (?:on )?(?:weekends|saturdays?|sundays?|bank holidays))\b/,
  prices: /\b(?:how much|prices?|pricing|costs?|charges?|rates?|call[ -]?out fee|fees?|expensive)\b/,
  area: /\b(?:cover (?:my|our|the)? ?(?:area|\w+)|which areas?|what areas?|areas? (?:do )?you|postcode|how far|travel to|come (?:out )?(?:to|as far as)|work in|operate in)\b/,
  payment:
    /\b(?:pay(?:ing|ment)?s?|(?:credit|debit) cards?|by card|cash|instalments?|bank transfer|direct debit|deposit)\b/,
  guarantee: /\b(?:guarantees?d?|warrant(?:y|ies)|insured|insurance|covered if|if something goes wrong)\b/,
  preparation:
    /\b(?:prepare|get ready|before (?:you|they|the \w+) (?:come|comes|arrive|arrives)|need to (?:do|be (?:at )?(?:home|in|there))|have to be (?:at )?(?:home|in|there)|be at home|empty the|move the furniture|how long (?:does|do|will|would))\b/,
  staff:
    /\b(?:qualified|certified|accredited|vetted|background check(?:s|ed)?|gas safe registered|same (?:person|cleaner|gardener)|who will (?:come|be coming)|your (?:staff|people|team|engineers|cleaners))\b/,
};

/** In this order: a message that asks for a letter about a quote asks for the quote. */
export const DOCUMENT_WORDS: Lexicon<DocumentKind> = {
  quote: /\b(?:quotes?|quotation|estimates?|written price)\b/,
  cancellation:
    /\b(?:cancellation (?:letter|confirmation|notice|note|in writing)|(?:letter|proof|confirmation)(?: \w+){0,4} cancelled|(?:letter|confirmation|proof|writing) (?:of|about|for|that) (?:my |the |our |i )?(?:cancellation|cancelled|have cancelled)|confirm(?:s|ing)? (?:the |my )?cancellation)\b/,
  acknowledgement:
    /\b(?:acknowledge(?:ment|s)?|(?:letter|document|record|writing|receipt)(?: \w+){0,5} complaint|complaint(?: \w+){0,3} (?:in writing|letter|reference))\b/,
  "care-plan":
    /\b(?:(?:care|maintenance|service) (?:plan|agreement|contract)|agreement|contract (?:for|to sign))\b/,
  confirmation:
    /\b(?:confirmation|confirm(?:ing|s)? (?:my |the |our )?(?:booking|appointment|visit)|(?:proof|letter|document|something in writing)(?: \w+){0,4} (?:appointment|visit|booking))\b/,
};

/** Subjects that sound like our business ("book", "recommend", "clean") and are not. */
export const FOREIGN_WORDS =
  /\b(?:flights?|hotels?|restaurants?|taxis?|uber|cinema|films?|movies?|concerts?|tickets?|football|weather|forecast|recipes?|cook|poems?|jokes?|stocks?|shares|bitcoin|crypto|python|javascript|homework|essay|translate|president|prime minister|capital of|population|doctor|dentist|gp|vet|haircut|hairdresser|trains?|passport|visa|loans?|mortgage|pizza|lottery|horoscope|novel|books to read|song|playlist|holiday in|cruise|vacancies|job opening|cv|apply for)\b/;

/** Words that only somebody with a matter for us uses. */
export const DOMAIN_WORDS =
  /\b(?:appointments?|visits?|bookings?|slots?|come (?:out|round|over|by|on)|engineers?|technicians?|inspections?|quotes?|quotation|estimates?|invoice|repairs?|hs-\d{4}|crew|care plans?|maintenance|call[ -]?out|your (?:people|team|staff|man|lady|guys?|company|work|cleaners?|office))\b/;

export const matching = <Key extends string>(lexicon: Partial<Lexicon<Key>>, text: string): readonly Key[] =>
  // The keys of a literal record are its type's keys; Object.keys only knows them as strings.
  (Object.keys(lexicon) as Key[]).filter((key) => lexicon[key]?.test(text));
