import calendar
import unittest

from event_spine.signing import Credentials, Signing, environment_credentials, sign

# Of AWS's test suite for Signature Version 4.
KEY = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
NOW = calendar.timegm((2015, 8, 30, 12, 36, 0))
SIGNING = Signing(KEY, "us-east-1", "service", NOW)


def signature(url):
    return sign("GET", url, {}, b"", SIGNING)["authorization"].rpartition("=")[2]


class SigningTest(unittest.TestCase):
    def test_gives_the_signatures_of_aws_test_suite(self):
        for path, expected in [
            ("/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            (
                "/?Param2=value2&Param1=value1",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
        ]:
            self.assertEqual(signature(f"https://example.amazonaws.com{path}"), expected)

    def test_finds_credentials_in_the_environment_only(self):
        known = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c"}
        self.assertEqual(environment_credentials(known), Credentials("a", "b", "c"))
        with self.assertRaisesRegex(RuntimeError, "Missing environment"):
            environment_credentials({"AWS_ACCESS_KEY_ID": "a"})
