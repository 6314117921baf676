import unittest
from unittest import mock

from event_spine import live
from support import PROOF, Spine, task


class LiveTest(unittest.TestCase):
    def setUp(self):
        patched = mock.patch.object(live, "PAUSE_SECONDS", 0.01)
        patched.start()
        self.addCleanup(patched.stop)
        self.spine = Spine()

    def said(self, progress, until):
        """What the spine was told, once it was told this."""
        with self.spine.tells:
            arrived = self.spine.tells.wait_for(
                lambda: any(said.get("text") == until for _, said in self.spine.told), 5
            )
        progress.stop()
        self.assertTrue(arrived)
        return self.spine.told

    def test_tells_all_that_was_said_so_far_in_order(self):
        progress = live.LiveProgress(self.spine.tell, task(live=True))
        progress("Dear ", partial={"a": (1, 2)})
        progress("Ada", data=["x"])
        told = self.said(progress, "Dear Ada")
        proof, last = told[-1]
        self.assertEqual(proof, PROOF)
        expected = {
            "run": "r",
            "step": "plan",
            "agent": "greeter",
            "n": len(told),
            "text": "Dear Ada",
            "partial": {"a": [1, 2]},
            "data": ["x"],
        }
        self.assertEqual(last, expected)

    def test_leaves_out_what_is_too_much_and_no_piece_of_a_text(self):
        progress = live.LiveProgress(self.spine.tell, task(live=True))
        progress("a")
        progress("🌍" * 2_000)
        progress("never")
        progress("", data=1)
        progress("", data="x" * 4_000)
        progress("", data={1})
        progress("never", data=2)
        self.said(progress, "a")
        texts = {said["text"] for _, said in self.spine.told}
        self.assertEqual(texts, {"a"})
        self.assertEqual(progress._said, {"text": "a", "data": 1})

    def test_goes_on_where_what_it_said_was_lost(self):
        def lost(proof, said):
            self.spine.tell(proof, said)
            raise OSError

        progress = live.LiveProgress(lost, task(live=True))
        progress("a")
        with self.spine.tells:
            self.spine.tells.wait_for(lambda: self.spine.told, 5)
        progress("b")
        self.said(progress, "ab")

    def test_says_what_was_said_first_however_soon_the_agent_ends(self):
        progress = live.LiveProgress(self.spine.tell, task(live=True))
        with progress._changed:
            progress("a")
            progress.stop()
        self.said(progress, "a")

    def test_says_nothing_of_what_nobody_watches_or_after_the_end(self):
        for message, tell in [(task(), self.spine.tell), (task(live=True), None)]:
            live.LiveProgress(tell, message)("a")
        over = live.LiveProgress(self.spine.tell, task(live=True))
        over.stop()
        over("a")
        self.assertEqual(self.spine.told, [])
