"""Makes a Python function an agent of Event Spine. Standard library, Python 3.10 or later."""

from .agent import Agent, AgentTask, Answered, Happened, NotHappened, Signal, Usage
from .errors import SpineError
from .host import host

__all__ = [
    "Agent",
    "AgentTask",
    "Answered",
    "Happened",
    "NotHappened",
    "Signal",
    "SpineError",
    "Usage",
    "host",
]
