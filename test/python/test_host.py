import contextlib
import io
import json
import unittest

from event_spine import Agent, Answered, Happened, NotHappened, SpineError, Usage
from event_spine.clock import now_ms
from support import PROOF, Spine, task, unreachable


def greet(task):
    return {"text": f"Hello {task.context['input']['who']}"}


def failing(error):
    def run(task):
        raise error

    return run


class HostTest(unittest.TestCase):
    def setUp(self):
        self.log = io.StringIO()
        redirected = contextlib.redirect_stdout(self.log)
        redirected.__enter__()
        self.addCleanup(redirected.__exit__, None, None, None)

    def lines(self):
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def test_runs_a_fresh_task_and_answers_at_the_door(self):
        spine = Spine()
        self.assertEqual(spine.run(greet, task(traceparent="00-x")), {"batchItemFailures": []})
        outcome = {"status": "ok", "result": {"text": "Hello Ada"}}
        answer = {**PROOF, "outcome": outcome}
        asked = {"op": "answer", "answer": answer, "correlation": "c", "traceparent": "00-x"}
        self.assertEqual(spine.asked, [asked])

    def test_gives_the_agent_what_the_task_says(self):
        given = []
        spine = Spine()
        message = task(budget={"tokens": 7})
        spine.run(given.append, message)
        (one,) = given
        self.assertEqual((one.tenant, one.session, one.task, one.attempt), ("t", "s", "task-1", 1))
        self.assertEqual(one.idempotency_key, "t/s/task-1")
        self.assertEqual((one.deadline, one.budget), (message["deadline"], {"tokens": 7}))

    def test_looks_first_at_what_is_old_redelivered_or_came_by_the_queue_after_all(self):
        for message, receives in [
            (task(committedAt=now_ms() - 6_000), 1),
            (task(), 2),
            (task(handedBy="task-0/1"), 1),
        ]:
            spine = Spine(look=[{"go": False, "because": "settled"}])
            spine.run(greet, message, receives=receives)
            self.assertEqual(spine.ops(), ["look"])
        self.assertEqual(self.lines()[0]["outcome"], "not-run")

    def test_claims_an_effect_always_and_once_per_execution(self):
        spine = Spine(claim=[unreachable(), {"go": True}])
        spine.run(greet, task(effect="once"))
        self.assertEqual(spine.ops(), ["claim", "claim", "answer"])
        first, second, _ = spine.asked
        self.assertEqual(first["execution"], second["execution"])

    def test_does_not_act_where_the_claim_is_refused(self):
        spine = Spine(claim=[{"go": False, "because": "claimed"}])
        spine.run(failing(AssertionError), task(effect="once"))
        self.assertEqual(spine.ops(), ["claim"])

    def test_asks_the_target_about_an_effect_in_doubt_and_claims_nothing(self):
        for known, expected in [
            (Happened({"at": 1}), {"status": "ok", "result": {"at": 1}}),
            (NotHappened(), {"status": "failed", "effect": "not-done", "retryable": True}),
        ]:
            spine = Spine()
            agent = Agent(failing(AssertionError), lambda task: known)
            spine.run(agent, task(effect="once", settles=True))
            self.assertEqual(spine.ops(), ["answer"])
            self.assertEqual({**spine.outcome(), **expected}, spine.outcome())

    def test_leaves_an_effect_in_doubt_that_nobody_can_tell_of(self):
        broken = SpineError("agent.failed", "no", effect_not_done=True)
        for agent, code in [
            (greet, "effect.in-doubt"),
            (Agent(greet, failing(broken)), "agent.failed"),
            (Agent(greet, lambda task: None), "agent.failed"),
        ]:
            spine = Spine()
            spine.run(agent, task(effect="once", settles=True))
            self.assertEqual(spine.outcome()["error"]["code"], code)
            self.assertNotIn("effect", spine.outcome())

    def test_waits_until_a_retry_may_begin_and_a_second_at_most(self):
        begun = []
        message = task(notBefore=now_ms() + 30)
        Spine().run(lambda task: begun.append(now_ms()), message)
        self.assertGreaterEqual(begun[0], message["notBefore"])

    def test_answers_with_a_failure_whatever_the_agent_raises(self):
        for error, code, retryable in [
            (ValueError("no"), "agent.failed", True),
            (SystemExit(3), "agent.failed", True),
            (SpineError("calendar.closed", "no"), "calendar.closed", False),
        ]:
            spine = Spine()
            spine.run(failing(error), task())
            outcome = spine.outcome()
            self.assertEqual((outcome["error"]["code"], outcome["retryable"]), (code, retryable))

    def test_says_that_a_claimed_effect_was_not_done(self):
        spine = Spine()
        error = SpineError("calendar.closed", "no", retryable=True, effect_not_done=True)
        spine.run(failing(error), task(effect="once"))
        self.assertEqual(spine.outcome()["effect"], "not-done")
        spine = Spine()
        spine.run(greet, task(effect="once", viewUrl="file:///etc/hostname", linked=True))
        self.assertEqual(spine.outcome()["error"]["code"], "task.view")
        self.assertEqual(spine.outcome()["effect"], "not-done")

    def test_bounds_what_it_says_of_an_error(self):
        spine = Spine()
        spine.run(failing(SpineError("c" * 200, "m" * 5_000)), task())
        error = spine.outcome()["error"]
        self.assertEqual((len(error["code"]), len(error["message"])), (100, 2_000))

    def test_reports_confidence_and_usage(self):
        usage = Usage(money=0.5, input_tokens=3, output_tokens=4)
        spine = Spine()
        spine.run(lambda task: Answered({"a": 1}, confidence=0.5, usage=usage), task())
        expected = {
            "status": "ok",
            "result": {"a": 1},
            "confidence": 0.5,
            "usage": {"tokens": 7, "money": 0.5},
        }
        self.assertEqual(spine.outcome(), expected)

    def test_refuses_what_the_door_would_not_take(self):
        for answered in [
            Answered(1, confidence=2),
            Answered(1, confidence=True),
            Answered(1, usage=Usage(tokens=-1)),
            Answered(1, usage=Usage(money=float("nan"))),
            {1, 2},
        ]:
            spine = Spine()
            spine.run(lambda task: answered, task())
            self.assertEqual(spine.outcome()["error"]["code"], "answer.malformed")
            self.assertFalse(spine.outcome()["retryable"])

    def test_awaits_an_agent_that_is_async(self):
        async def agent(task):
            return greet(task)

        spine = Spine()
        spine.run(agent, task())
        self.assertEqual(spine.outcome()["result"], {"text": "Hello Ada"})

    def test_answers_at_the_deadline_and_tells_the_agent(self):
        seen = []

        def slow(task):
            seen.append(task.cancelled.wait(10))

        spine = Spine()
        spine.run(slow, task(deadline=now_ms() + 50))
        self.assertEqual(spine.outcome()["error"]["code"], "agent.timeout")
        self.assertTrue(spine.outcome()["retryable"])

    def test_answers_before_its_function_ends(self):
        spine = Spine()
        spine.run(lambda task: task.cancelled.wait(10), task(), left_ms=2_050)
        self.assertEqual(spine.outcome()["error"]["code"], "agent.timeout")

    def test_does_not_run_what_is_late_already(self):
        spine = Spine()
        message = task(deadline=now_ms() - 1, effect="once")
        spine.run(failing(AssertionError), message)
        self.assertEqual(spine.outcome()["error"]["code"], "agent.timeout")
        self.assertEqual(spine.outcome()["effect"], "not-done")

    def test_beats_while_it_works_and_stops_when_the_answer_no_longer_counts(self):
        ended = {"go": False, "because": "fenced"}
        spine = Spine(beat=[{"go": True}, unreachable(), ended])
        seen = []
        spine.run(lambda task: seen.append(task.cancelled.wait(10)), task(heartbeatMs=5))
        self.assertEqual(spine.ops(), ["beat", "beat", "beat", "answer"])
        self.assertEqual(spine.outcome()["error"]["code"], "task.settled")

    def test_says_once_that_a_task_that_was_handed_over_has_begun(self):
        spine = Spine()
        agents = {"greeter": greet, "writer": lambda task: task.cancelled.wait(0.1)}
        handed = task(agent="writer", handedBy="task-1/1", committedAt=now_ms() - 1_000)
        spine.verdicts["answer"] = [{"type": "recorded", "next": handed}, {"type": "recorded"}]
        spine.run(agents, task())
        self.assertEqual(spine.ops(), ["answer", "beat", "answer"])

    def test_goes_on_with_the_task_that_the_door_hands_over(self):
        handed = task(agent="writer", task="task-2", handedBy="task-1/1")
        spine = Spine(answer=[{"type": "recorded", "next": handed}, {"type": "recorded"}])
        spine.run({"greeter": greet, "writer": lambda task: "written"}, task())
        first, second = spine.asked
        self.assertGreater(first["answer"]["nextWithinMs"], 19_000)
        self.assertEqual(second["answer"]["task"], "task-2")
        self.assertEqual([one["task"] for one in self.lines()[0]["sessions"]], ["task-1", "task-2"])

    def test_leaves_to_the_queue_what_does_not_fit_into_its_time_or_is_another_ones(self):
        for handed in [
            task(agent="writer", deadline=now_ms() + 60_000),
            task(agent="painter"),
        ]:
            spine = Spine(answer=[{"type": "recorded", "next": handed}])
            spine.run({"greeter": greet, "writer": greet}, task())
            self.assertEqual(spine.ops(), ["answer"])

    def test_sends_its_answer_to_the_queue_where_the_door_is_busy_or_down_or_it_is_told_to(self):
        for spine, more, asked in [
            (Spine(answer=[{"type": "busy"}]), {"traceparent": "00-x"}, ["answer"]),
            (Spine(answer=[unreachable()]), {}, ["answer"]),
            (Spine(), {"answerBy": "queue"}, []),
        ]:
            spine.run({"greeter": greet, "writer": greet}, task(**more))
            self.assertEqual(spine.ops(), asked)
            ((answer, traceparent),) = spine.queued
            self.assertEqual(answer["outcome"]["status"], "ok")
            self.assertNotIn("nextWithinMs", answer)
            self.assertEqual(traceparent, more.get("traceparent"))

    def test_lets_the_message_come_again_where_its_answer_can_be_handed_in_by_neither_way(self):
        spine = Spine(answer=[unreachable()])
        spine.queue_error = SpineError("queue.rejected", "no", retryable=True)
        with self.assertRaises(SpineError):
            spine.run(greet, task())
        self.assertEqual(len(spine.returned), 1)
        line, metric = self.lines()
        self.assertEqual((line["outcome"], line["level"]), ("failed", "WARN"))
        self.assertEqual(line["troubles"], [{"what": "the invocation", "code": "queue.rejected"}])
        self.assertEqual(metric["Troubles"], 1)

    def test_raises_what_the_door_refuses_for_good(self):
        spine = Spine(answer=[SpineError("task.token", "no")])
        with self.assertRaises(SpineError):
            spine.run(greet, task())
        self.assertEqual(spine.queued, [])

    def test_logs_ids_and_nothing_that_somebody_wrote(self):
        spine = Spine()
        spine.run(failing(ValueError("Ada Lovelace")), task())
        (line,) = self.lines()
        text = self.log.getvalue()
        for secret in ["Ada", "secret"]:
            self.assertNotIn(secret, text)
        self.assertEqual((line["session"], line["sequence"], line["outcome"]), ("s", 3, "answered"))

    def test_needs_at_least_one_agent_that_can_be_called(self):
        for agents, error in [({}, ValueError), ({"a": 7}, TypeError)]:
            with self.assertRaises(error):
                Spine().run(agents, task())
