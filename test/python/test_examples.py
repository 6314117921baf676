import contextlib
import io
import unittest

import greeter
import payments
from support import Spine, task


def outcome_of(agents, message):
    spine = Spine()
    with contextlib.redirect_stdout(io.StringIO()):
        spine.run(agents, message)
    return spine.outcome()


class ExamplesTest(unittest.TestCase):
    def test_greet(self):
        outcome = outcome_of(greeter.greet, task())
        self.assertEqual(outcome, {"status": "ok", "result": {"text": "Hello Ada"}})

    def test_pay_once_and_tell_of_it(self):
        agent = payments.Agent(payments.pay, resolve=payments.look_up)
        self.addCleanup(payments.payments.clear)

        def asked(amount, **more):
            return task(effect="once", view={"input": {"amount": amount}}, **more)

        large = outcome_of(agent, asked(2_000))
        self.assertEqual(
            (large["effect"], large["error"]["code"]), ("not-done", "payment.too-large")
        )
        self.assertEqual(outcome_of(agent, asked(10, settles=True))["effect"], "not-done")
        paid = outcome_of(agent, asked(10))
        self.assertEqual((paid["result"], paid["usage"]), ({"paid": 10}, {"money": 0.02}))
        again = outcome_of(agent, asked(10, settles=True))
        self.assertEqual(again, {"status": "ok", "result": {"paid": 10}})
