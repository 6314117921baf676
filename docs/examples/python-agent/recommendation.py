"""The sample agent `recommendation` once more, in Python: ranks a catalogue on the context."""

import json
import math
import pathlib
import re

from event_spine import AgentTask, Answered, host

CATALOGUE = json.loads((pathlib.Path(__file__).parent / "catalogue.json").read_text("utf-8"))
POUNDS = {"GBP": 1, "USD": 0.8, "EUR": 0.85}
WEIGHTS = {"service": 40, "needs": 30, "words": 12, "value": 10, "season": 3, "popularity": 5}
SEASONS = [
    "winter",
    "winter",
    "spring",
    "spring",
    "spring",
    "summer",
    "summer",
    "summer",
    "autumn",
    "autumn",
    "autumn",
    "winter",
]
COMMON = set(
    "the and for with that this you your our are from all can could would please have need want "
    "what which some any one two into out about them they there week year day home house service "
    "visit recommend something best good".split()
)


def rounded(value, digits):
    return math.floor(value * 10**digits + 0.5) / 10**digits


def stems(text):
    return {
        re.sub("s$", "", word)[:5]
        for word in re.findall("[a-z]{3,}", text.lower())
        if word not in COMMON
    }


def points_of(item, text, services, needs, today, budget):
    shared = min(3, len(stems(text) & stems(f"{item['name']} {item['description']}")))
    worth = budget is not None or "cheap" in needs
    parts = {
        "service": any(service in services for service in item["services"]),
        "needs": sum(need in needs for need in item["suits"]) / len(needs) if needs else 0,
        "words": shared / 3,
        "value": max(0, 1 - item["price"] / (300 if budget is None else budget)) if worth else 0,
        "season": SEASONS[int(today[5:7]) - 1] in item["seasons"],
        "popularity": item["popularity"],
    }
    return {feature: part * WEIGHTS[feature] for feature, part in parts.items()}


def recommend(task: AgentTask) -> Answered:
    view = task.context
    slots = (view.get("inquiry") or {}).get("slots", {})
    services = slots.get("services") or [slots[name] for name in ("service",) if name in slots]
    needs, amount = slots.get("needs", []), slots.get("amount")
    limits = [amount["value"] * POUNDS[amount["currency"]]] if amount else []
    limits += [view["constraints"]["budget"]] if "budget" in view["constraints"] else []
    budget = min(limits, default=None)
    fitting = []
    for item in CATALOGUE:
        points = points_of(
            item, view["input"]["text"], services, needs, view["session"]["today"], budget
        )
        if not (
            points["service"]
            or (not services and (points["needs"] or points["words"] >= WEIGHTS["words"] / 2))
        ):
            continue
        given = [
            {"feature": feature, "points": rounded(value, 1)} for feature, value in points.items()
        ]
        reasons = sorted(
            (reason for reason in given if reason["points"] > 0),
            key=lambda reason: -reason["points"],
        )
        score = rounded(sum(reason["points"] for reason in reasons), 1)
        fitting.append(
            {
                **{name: item[name] for name in ("id", "name", "price")},
                "score": score,
                "reasons": reasons,
            }
        )
    fitting.sort(key=lambda item: (-item["score"], item["price"], item["id"]))
    within = [item for item in fitting if budget is None or item["price"] <= budget]
    if not within:
        nothing = "over-budget" if fitting else "no-match"
        return Answered({"items": [], "considered": 0, "nothing": nothing}, confidence=0)
    second = within[1]["score"] if len(within) > 1 else 0
    lead = min(1, (within[0]["score"] - second) / 20)
    confidence = rounded(within[0]["score"] / 100 * (0.5 + 0.5 * lead), 2)
    return Answered({"items": within[:3], "considered": len(within)}, confidence=confidence)


handler = host(recommend)
