import hashlib
import http.server
import json
import os
import threading
import unittest
from unittest import mock

import answer_later
from event_spine import SpineError
from event_spine.aws_calls import QUICK, AwsCalls
from event_spine.functions import lambda_door, lambda_progress
from event_spine.queues import sqs_answers, sqs_returns
from support import PROOF, record, task

ANSWER = {**PROOF, "outcome": {"status": "ok", "result": "Zoë"}}


class Endpoint(http.server.BaseHTTPRequestHandler):
    """Answers with what the test wants next, and notes what was asked."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append((self.path, dict(self.headers.items()), json.loads(body)))
        self.server.sockets.add(self.client_address)
        status, headers, answer = self.server.answers.pop(0)
        if status is None:
            self.close_connection = True
            return
        content = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


class AwsCallsTest(unittest.TestCase):
    def setUp(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
        server.daemon_threads = True
        server.asked, server.answers, server.sockets = [], [], set()
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.server = server
        self.url = f"http://127.0.0.1:{server.server_port}"
        environment = {
            "AWS_ACCESS_KEY_ID": "AKID",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": "session",
            "AWS_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL_LAMBDA": self.url,
        }
        patched = mock.patch.dict(os.environ, environment)
        patched.start()
        self.addCleanup(patched.stop)
        self.calls = AwsCalls()
        self.addCleanup(self.close)

    def close(self):
        for kept in self.calls._idle.values():
            for connection in kept:
                connection.close()

    def answer(self, *answers):
        self.server.answers += answers

    def test_invokes_the_door_and_gives_its_verdict(self):
        self.answer((200, {}, {"ok": True, "verdict": {"go": True}}))
        request = {"op": "look", "proof": PROOF}
        door = lambda_door(self.calls, "arn:aws:lambda:eu-west-1:1:function:spine-door")
        self.assertEqual(door(request), {"go": True})
        ((path, headers, body),) = self.server.asked
        name = "arn%3Aaws%3Alambda%3Aeu-west-1%3A1%3Afunction%3Aspine-door"
        self.assertEqual(path, f"/2015-03-31/functions/{name}/invocations")
        self.assertEqual(headers["x-amz-invocation-type"], "RequestResponse")
        self.assertIn("Credential=AKID/", headers["authorization"])
        self.assertEqual(body, request)

    def test_answers_what_an_agent_passed_on(self):
        self.answer((200, {}, {"ok": True, "verdict": {"type": "recorded"}}))
        proof = {"tenant": "t", "session": "s", "task": "t7", "attempt": 1, "token": "secret"}
        callback = {**proof, "door": "door", "deadline": 1, "url": "https://x"}
        outcome = {"status": "ok", "result": {"film": "a-day.mp4"}}
        verdict = answer_later.answer(callback, outcome, self.calls)
        self.assertEqual(verdict, {"type": "recorded"})
        ((_, _, body),) = self.server.asked
        self.assertEqual(body, {"op": "answer", "answer": {**proof, "outcome": outcome}})

    def test_raises_what_the_door_refuses(self):
        error = {"code": "task.token", "message": "no", "problems": [], "retryable": False}
        self.answer((200, {}, {"ok": False, "error": error}))
        with self.assertRaises(SpineError) as raised:
            lambda_door(self.calls, "door")({"op": "look", "proof": PROOF})
        self.assertEqual((raised.exception.code, raised.exception.retryable), ("task.token", False))

    def test_takes_everything_else_for_trouble_that_may_pass_and_repeats_no_text(self):
        kind = {"x-amzn-errortype": "AccessDeniedException:http://x"}
        for answer, expected in [
            ((403, kind, {"Message": "Ada"}), "HTTP 403 AccessDeniedException"),
            ((200, {"x-amz-function-error": "Unhandled"}, {"errorType": "E.F"}), "E.F"),
            ((200, {}, [1]), "unexpected"),
        ]:
            self.answer(answer)
            with self.assertRaisesRegex(SpineError, expected) as raised:
                lambda_door(self.calls, "door")({"op": "look", "proof": PROOF})
            self.assertTrue(raised.exception.retryable)
            self.assertNotIn("Ada", str(raised.exception))

    def test_keeps_its_connection_and_makes_a_new_one_where_it_was_closed(self):
        verdict = (200, {}, {"ok": True, "verdict": {"go": True}})
        self.answer(verdict, verdict, (None, {}, {}), verdict)
        door = lambda_door(self.calls, "door")
        for _ in range(3):
            door({"op": "look", "proof": PROOF})
        self.assertEqual((len(self.server.asked), len(self.server.sockets)), (4, 2))

    def test_tries_again_what_may_pass_and_then_gives_up(self):
        self.answer((500, {}, {}), (429, {}, {}), (200, {}, {}))
        self.assertEqual(self.calls.post("sqs", f"{self.url}/", {}, b"{}", QUICK).status, 200)
        self.answer(*[(503, {}, {})] * 3)
        with self.assertRaisesRegex(SpineError, "sqs cannot be reached: HTTP 503"):
            self.calls.post("sqs", f"{self.url}/", {}, b"{}", QUICK)

    def test_sends_an_answer_to_its_queue_in_the_order_of_its_session(self):
        self.answer((200, {}, {}))
        sqs_answers(self.calls, f"{self.url}/000000000000/spine-")(ANSWER, "00-x")
        ((_, headers, body),) = self.server.asked
        self.assertEqual(headers["x-amz-target"], "AmazonSQS.SendMessage")
        self.assertEqual(json.loads(body["MessageBody"]), ANSWER)
        self.assertEqual(body["QueueUrl"], f"{self.url}/000000000000/spine-answers.fifo")
        self.assertEqual(body["MessageAttributes"]["traceparent"]["StringValue"], "00-x")
        self.assertEqual(body["MessageGroupId"], hashlib.sha256(b"t/s").hexdigest())

    def test_says_which_queue_refused_an_answer(self):
        self.answer(
            (400, {"x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender"}, {})
        )
        with self.assertRaisesRegex(SpineError, "spine-answers.fifo: HTTP 400 AWS.SimpleQ"):
            sqs_answers(self.calls, f"{self.url}/0/spine-")(ANSWER, None)

    def test_lets_a_message_come_again_soon_and_never_raises(self):
        return_soon = sqs_returns(self.calls, f"{self.url}/000000000000/spine-")
        self.answer((200, {}, {}), (400, {}, {}))
        for _ in range(2):
            return_soon(record(task(), receives=3))
        return_soon({})
        _, _, body = self.server.asked[0]
        self.assertEqual(body["QueueUrl"], f"{self.url}/000000000000/spine-agent-greeter.fifo")
        self.assertTrue(15 <= body["VisibilityTimeout"] <= 20)

    def test_tells_progress(self):
        self.answer((200, {}, {"ok": True}))
        lambda_progress(self.calls, "progress")(PROOF, {"n": 1})
        ((path, _, body),) = self.server.asked
        self.assertEqual(path, "/2015-03-31/functions/progress/invocations")
        self.assertEqual(body, {"proof": PROOF, "record": {"n": 1}})
