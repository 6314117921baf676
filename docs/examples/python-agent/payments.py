"""An agent that acts on the outside world: `effect: "once"` and `onDoubt: "ask"` in its contract."""

from typing import Union

from event_spine import Agent, AgentTask, Answered, Happened, NotHappened, SpineError, Usage, host

# What stands for a bank: payments by their idempotency keys.
payments: dict[str, float] = {}


def pay(task: AgentTask) -> Answered:
    """Runs after its claim is in the log."""
    amount = task.context["input"]["amount"]
    if amount > 1_000:
        # Nothing was done, and another attempt would not help.
        raise SpineError("payment.too-large", "Over the limit.", effect_not_done=True)
    task.progress("Paying … ")
    payments.setdefault(task.idempotency_key, amount)
    return Answered({"paid": amount}, confidence=1, usage=Usage(money=0.02))


def look_up(task: AgentTask) -> Union[Happened, NotHappened]:
    """Tells whether an earlier attempt paid. It never pays."""
    paid = payments.get(task.idempotency_key)
    return NotHappened() if paid is None else Happened({"paid": paid})


handler = host(Agent(pay, resolve=look_up))
