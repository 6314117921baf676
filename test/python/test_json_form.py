import dataclasses
import datetime
import unittest

from event_spine import SpineError
from event_spine.json_form import json_bytes, to_json


@dataclasses.dataclass
class Offer:
    name: str
    prices: tuple


class Model:
    def model_dump(self, mode):
        return {"mode": mode}


def nested(depth):
    value = 1
    for _ in range(depth):
        value = [value]
    return value


class JsonFormTest(unittest.TestCase):
    def test_makes_lists_and_dicts_of_what_stands_for_them(self):
        value = {"offer": Offer("a", (1, 2.5)), "model": Model(), "none": None, "yes": True}
        expected = {
            "offer": {"name": "a", "prices": [1, 2.5]},
            "model": {"mode": "json"},
            "none": None,
            "yes": True,
        }
        self.assertEqual(to_json(value), expected)
        self.assertEqual(to_json(nested(64)), nested(64))

    def test_refuses_what_json_does_not_say_the_same_and_names_where(self):
        for value, name in [
            ({"a": [float("inf")]}, "result.a.0 is inf"),
            (2**53, "result is a whole number"),
            ({1: "a"}, "result has a key"),
            ({"at": datetime.date(2026, 3, 2)}, "result.at is a date"),
            (b"x", "result is a bytes"),
            (nested(65), "nested deeper"),
        ]:
            with self.assertRaisesRegex(SpineError, name) as raised:
                to_json(value)
            self.assertEqual(raised.exception.code, "answer.malformed")

    def test_writes_what_no_utf_8_holds(self):
        self.assertEqual(json_bytes({"a": "\ud800é"}), b'{"a":"\\ud800\\u00e9"}')
