"""The smallest agent: a function of one task."""

from event_spine import AgentTask, host


def greet(task: AgentTask) -> dict[str, str]:
    return {"text": f"Hello {task.context['input']['who']}"}


handler = host(greet)
