"""The process of one function in Python: loads its handler and runs one invocation at a time, as
Lambda's runtime does. Started by start-process.ts with the function's folder and handler; it talks
to its parent in lines of JSON (process-messages.ts).
"""

import datetime
import importlib
import importlib.machinery
import json
import logging
import os
import queue
import signal
import site
import socket
import sys
import threading
import time
import traceback

BEGUN = time.perf_counter()
FOLDER, HANDLER = sys.argv[1:3]
# The machine's time: how long an invocation may run is never moved.
RealDatetime, RealDate = datetime.datetime, datetime.date
machine_time = time.time
machine_time_ns = time.time_ns
ahead_ms = 0

parent = socket.socket(fileno=int(os.environ.pop("NODE_CHANNEL_FD")))
parent.setblocking(True)
os.environ.pop("NODE_CHANNEL_SERIALIZATION_MODE", None)
# Ctrl-C reaches every process of a terminal; it is the parent that ends this one.
signal.signal(signal.SIGINT, signal.SIG_IGN)


def say(message):
    parent.sendall(json.dumps(message).encode() + b"\n")


def error_of(error):
    trace = traceback.format_exception(type(error), error, error.__traceback__)
    return {"errorType": type(error).__name__, "errorMessage": str(error), "trace": trace}


# What Lambda's runtime brings beside the standard library. Nothing else of what this machine has
# installed is there: a function brings what it needs.
BROUGHT = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")


class RuntimePackages:
    """Finds the packages of Lambda's runtime where this machine has them."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if path is not None or name not in BROUGHT:
            return None
        return importlib.machinery.PathFinder.find_spec(name, site.getsitepackages())


# Times that the handler sees run ahead of the machine's, as the local runtime's own do.
class Moved(type):
    def __instancecheck__(cls, instance):
        return isinstance(instance, cls.__mro__[1])


class MovedDatetime(RealDatetime, metaclass=Moved):
    @classmethod
    def now(cls, tz=None):
        return RealDatetime.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls):
        utc = RealDatetime.fromtimestamp(time.time(), datetime.timezone.utc)
        return utc.replace(tzinfo=None)

    @classmethod
    def today(cls):
        return cls.now()


class MovedDate(RealDate, metaclass=Moved):
    @classmethod
    def today(cls):
        return RealDate.fromtimestamp(time.time())


def move_time():
    def at_now(convert):
        return lambda seconds=None: convert(time.time() if seconds is None else seconds)

    time.gmtime, time.localtime = at_now(time.gmtime), at_now(time.localtime)
    time.time = lambda: machine_time() + ahead_ms / 1_000
    time.time_ns = lambda: machine_time_ns() + ahead_ms * 1_000_000
    datetime.datetime, datetime.date = MovedDatetime, MovedDate


class LambdaLog(logging.Handler):
    """Writes what the module `logging` is given as Lambda's runtime does."""

    def __init__(self):
        super().__init__()
        self.request_id = ""
        self.is_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"

    def emit(self, record):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        if not self.is_json:
            line = f"[{record.levelname}]\t{stamp}\t{self.request_id}\t{record.getMessage()}"
        else:
            fields = {"timestamp": stamp, "level": record.levelname, "message": record.getMessage()}
            line = json.dumps({**fields, "logger": record.name, "requestId": self.request_id})
        sys.stdout.write(line + "\n")


class InitError(Exception):
    """The handler cannot be loaded."""

    def __init__(self, kind, text, cause=None):
        super().__init__(text)
        self.kind = kind
        self.__cause__ = cause


def load():
    module_name, _, function_name = HANDLER.rpartition(".")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        text = f"Unable to import module '{module_name}': {error}"
        raise InitError("Runtime.ImportModuleError", text, error)
    except SyntaxError as error:
        text = f"Syntax error in module '{module_name}': {error}"
        raise InitError("Runtime.UserCodeSyntaxError", text, error)
    try:
        return getattr(module, function_name)
    except AttributeError:
        text = f"Handler '{function_name}' missing on module '{module_name}'"
        raise InitError("Runtime.HandlerNotFound", text)


class Context:
    """What a handler is told of its invocation."""

    identity = None
    client_context = None

    def __init__(self, message):
        self._deadline = message["deadline"]
        self.aws_request_id = message["id"]
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = "$LATEST"
        self.invoked_function_arn = os.environ.get("LOCAL_FUNCTION_ARN")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")

    def get_remaining_time_in_millis(self):
        return max(0, int(self._deadline - machine_time() * 1_000))


def payload_of(result):
    try:
        return json.dumps(result, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        text = f"Unable to marshal response: {error}"
        raise InitError("Runtime.MarshalError", text, error)


used = 0.0


def cpu_ms():
    """What this process took of a processor since it was asked before."""
    global used
    before, used = used, time.process_time()
    return (used - before) * 1_000


def invoke(handler, message):
    global ahead_ms
    ahead_ms = message["aheadMs"]
    os.environ["_X_AMZN_TRACE_ID"] = message["traceId"]
    log.request_id = message["id"]
    try:
        payload = payload_of(handler(message["event"], Context(message)))
        outcome = {"type": "done", "payload": payload}
    except InitError as error:
        outcome = {"type": "failed", "error": {**error_of(error), "errorType": error.kind}}
    except Exception as error:
        outcome = {"type": "failed", "error": error_of(error)}
    sys.stdout.flush()
    say({**outcome, "id": message["id"], "cpuMs": cpu_ms()})


asked = queue.SimpleQueue()


def listen():
    with parent.makefile("rb") as lines:
        for line in lines:
            message = json.loads(line)
            if message.get("type") == "invoke":
                asked.put(message)
    # A parent that is gone has no more work; an orphan would stay for ever.
    os._exit(0)


sys.path[0] = FOLDER
sys.meta_path.append(RuntimePackages)
move_time()
log = LambdaLog()
logging.getLogger().addHandler(log)
logging.getLogger().setLevel(os.environ.get("AWS_LAMBDA_LOG_LEVEL", "WARNING"))
try:
    found = load()
    cpu_ms()
    say({"type": "ready", "initMs": round((time.perf_counter() - BEGUN) * 1_000)})
except Exception as error:
    kind = {"errorType": error.kind} if isinstance(error, InitError) else {}
    say({"type": "init-failed", "error": {**error_of(error), **kind}})
    sys.exit(1)

threading.Thread(target=listen, daemon=True).start()
while True:
    invoke(found, asked.get())
