import contextlib
import io
import threading
import unittest
from unittest import mock

from event_spine import told
from event_spine.agent import Signal
from support import PROOF, Spine, task, unreachable


def signal(number, name="typed"):
    return {"number": number, "name": name, "data": number}


def going(*numbers):
    return {"go": True, "signals": [signal(number) for number in numbers]}


class SignalsTest(unittest.TestCase):
    def setUp(self):
        redirected = contextlib.redirect_stdout(io.StringIO())
        redirected.__enter__()
        self.addCleanup(redirected.__exit__, None, None, None)

    def heard(self, agent, *verdicts):
        spine = Spine(signals=list(verdicts))
        spine.run(agent, task())
        return spine, spine.outcome()

    def test_gives_what_came_since_it_was_asked_last(self):
        def agent(task):
            return [[one.number for one in task.signals()] for _ in range(3)]

        spine, outcome = self.heard(agent, going(1, 2), going(), going(3))
        self.assertEqual(outcome["result"], [[1, 2], [], [3]])
        asked = [request for request in spine.asked if request["op"] == "signals"]
        self.assertEqual([request["after"] for request in asked], [0, 2, 2])
        self.assertEqual(asked[0]["proof"], PROOF)

    def test_gives_each_once_and_works_on_where_the_door_cannot_be_reached(self):
        def agent(task):
            return [[one.number for one in task.signals()] for _ in range(3)]

        _, outcome = self.heard(agent, unreachable(), going(1), going(1, 2))
        self.assertEqual(outcome["result"], [[], [1], [2]])

    def test_waits_for_each_as_it_comes(self):
        def agent(task):
            for one in task.signals:
                if one.name == "enough":
                    return one.number

        enough = {"go": True, "signals": [signal(2, "enough")]}
        with mock.patch.object(told, "FIRST_WAIT_SECONDS", 0.0):
            spine, outcome = self.heard(agent, going(), going(1), going(), enough)
        self.assertEqual(outcome["result"], 2)
        self.assertEqual(spine.ops().count("signals"), 4)

    def test_ends_when_the_answer_counts_no_longer_and_when_the_time_is_over(self):
        def agent(task):
            return [one.number for one in task.signals]

        over = {"go": False, "because": "settled", "signals": []}
        _, outcome = self.heard(agent, over)
        self.assertEqual(outcome["result"], [])
        ended = threading.Event()
        ended.set()
        spine = Spine()
        signals = told.ToldSignals(spine.door, task(), ended)
        self.assertEqual((list(signals), signals()), ([], []))
        self.assertEqual(spine.asked, [])

    def test_is_a_value(self):
        self.assertEqual(Signal(1, "typed", "x"), Signal(1, "typed", "x"))


if __name__ == "__main__":
    unittest.main()
