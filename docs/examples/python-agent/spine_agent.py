"""Makes a Python function an agent: its queue brings a task as JSON, its answer goes to the door as JSON."""
import json, os, time, urllib.request

FRESH_MS = 5_000  # An older task, or one received before, may be done already: ask before running.
BUSY_TRIES = 5


def invoke_door(request):
    import boto3  # Here and not above, so that the agent runs anywhere without AWS.

    response = boto3.client("lambda").invoke(FunctionName=os.environ["DOOR_FUNCTION"], Payload=json.dumps(request))
    answer = json.load(response["Payload"])
    if "FunctionError" in response or not answer["ok"]:
        raise RuntimeError(f"The door refused: {answer}")
    return answer["verdict"]


def view_of(task):
    if "viewUrl" not in task:
        return task["view"]
    with urllib.request.urlopen(task["viewUrl"], timeout=5) as response:
        return json.load(response)


def may_run(task, receives, context, door):
    proof = {name: task[name] for name in ("tenant", "session", "task", "attempt", "token")}
    if task["effect"] == "once":
        return door({"op": "claim", "proof": proof, "execution": context.aws_request_id})["go"]
    fresh = receives == 1 and time.time() * 1_000 - task["committedAt"] < FRESH_MS
    return fresh or door({"op": "look", "proof": proof})["go"]


def host(run, door=invoke_door):
    def handler(event, context):
        for record in event["Records"]:
            task = json.loads(record["body"])
            if not may_run(task, int(record["attributes"]["ApproximateReceiveCount"]), context, door):
                continue
            try:
                outcome = {"status": "ok", **run(view_of(task))}
            except Exception as error:  # The coordinator decides what a failure leads to; SQS must not.
                failure = {"code": "agent.failed", "message": str(error)[:2_000]}
                outcome = {"status": "failed", "error": failure, "retryable": True}
            proof = {name: task[name] for name in ("tenant", "session", "task", "attempt", "token")}
            request = {"op": "answer", "answer": {**proof, "outcome": outcome}, "correlation": task["correlation"]}
            if all(door(request)["type"] == "busy" for _ in range(BUSY_TRIES)):
                raise RuntimeError("The session is busy: SQS brings the task again.")

    return handler
