"""Checks of what operators rely on: dead letters, the budget's gate and its notice, alarms and
dashboard, the example events, and what is left when the stack is deleted."""

import json
import pathlib
import re

from client import eventually, risky, transaction

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAMESPACE = "FinCrimeSentinel"

EVENTS = {
    # Each event of `events/`, the function it is for, and the answer expected.
    "http-post-transaction": ("IngestFunction", lambda answer: answer["statusCode"] == 202),
    "http-post-history": ("IngestFunction", lambda answer: answer["statusCode"] == 207),
    "http-get-alerts": ("CaseDeskFunction", lambda answer: answer["statusCode"] == 200),
    "http-explain-alert": ("ExplainAlertFunction", lambda answer: answer["statusCode"] == 200),
    "sqs-batch-with-poison": ("ScoreFunction", lambda answer: [
        failed["itemIdentifier"] for failed in answer["batchItemFailures"]
    ] == ["059f36b4-87a3-44ab-83d2-661975830a7d"]),
    "sqs-second-look": ("SecondLookFunction", lambda answer: answer == {"batchItemFailures": []}),
    "schedule": ("BudgetGuardFunction", lambda answer: answer == {"gate": "open"}),
    "dynamodb-stream-alert": ("AlertPushFunction",
                              lambda answer: answer == {"batchItemFailures": []}),
    "websocket-connect": ("AlertPushFunction", lambda answer: answer["statusCode"] == 401),
    "websocket-disconnect": ("AlertPushFunction", lambda answer: answer["statusCode"] == 200),
}


def invoke(world, function: str, event: bytes = b"{}") -> dict:
    answer = world.emulator.client("lambda").invoke(
        FunctionName=world.resources[function], Payload=event)
    document = json.loads(answer["Payload"].read())
    return {"FunctionError": document} if "FunctionError" in answer else document


def every_example_event_is_answered(world, checks):
    world.http.post(risky("example-1"))
    world.http.decision("example-1")
    names = {path.stem for path in (ROOT / "events").glob("*.json")}
    checks.that("events/ holds an event for every function", names == set(EVENTS), names)
    for name, (function, expected) in EVENTS.items():
        answer = invoke(world, function, (ROOT / f"events/{name}.json").read_bytes())
        checks.that(f"{function} answers events/{name}.json",
                    "FunctionError" not in answer and expected(answer), answer)


def a_poison_message_ends_in_the_dead_letter_queue(world, checks):
    sqs = world.emulator.client("sqs")
    queue, dead = (world.resources[name] for name in ("TransactionsQueue", "DeadLetterQueue"))
    event = json.loads((ROOT / "events/sqs-batch-with-poison.json").read_text())
    good, poison = (record["body"] for record in event["Records"])
    # Another id makes it a payment of its own. Its content hash stays the example's, which score
    # carries on and does not compute again.
    good = good.replace("example-1", "neighbour")
    # The template's five deliveries stay; only the half hour they take is shortened.
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    sqs.send_message_batch(QueueUrl=queue, Entries=[
        {"Id": "poison", "MessageBody": poison},
        {"Id": "good", "MessageBody": good},
    ])
    checks.that("the poison's neighbour is decided", world.http.decision("neighbour"))
    def dead_letters():
        return sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10).get("Messages")
    bodies = [message["Body"] for message in eventually(dead_letters, 40) or []]
    checks.that("the poison alone ends as a dead letter", bodies == [poison], bodies)


def a_spent_budget_closes_the_gate_and_tells(world, checks):
    sqs, sns = world.emulator.client("sqs"), world.emulator.client("sns")
    inbox = sqs.create_queue(QueueName="on-duty")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=inbox, AttributeNames=["QueueArn"])["Attributes"]
    topic = world.resources["NoticesTopic"]
    sqs.set_queue_attributes(QueueUrl=inbox, Attributes={"Policy": json.dumps({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
                       "Action": "sqs:SendMessage", "Resource": arn["QueueArn"],
                       "Condition": {"ArnEquals": {"aws:SourceArn": topic}}}]})})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])
    status = world.stack.update(world.parameters(
        WebSocketEndpoint=world.websocket_endpoint(), DailyBudgetUsd="0.000001"))
    checks.that("the budget is lowered", status == "UPDATE_COMPLETE", world.stack.failures())
    answer = invoke(world, "BudgetGuardFunction")
    budget = world.http.get("/api/v1/budget")
    checks.that("the guard closes the gate",
                budget.status == 200 and budget.body["gate"] == "closed", (answer, budget))
    def notices():
        return sqs.receive_message(QueueUrl=inbox).get("Messages")
    heard = eventually(notices, 10)
    checks.that("and tells who is on duty", heard and "wait in the review queue" in heard[0]["Body"],
                heard or answer)
    world.http.post(transaction("after-the-gate"))
    decision = world.http.decision("after-the-gate") or {}
    checks.that("an uncertain case then goes to a person",
                decision.get("review") is not None and decision.get("alert") is False, decision)


def emitted(lines: list) -> set:
    """Metrics with their dimensions, as CloudWatch extracts them from the functions' log lines."""
    metrics = set()
    for line in lines:
        if not line.startswith('{"_aws"'):
            continue
        for directive in json.loads(line)["_aws"]["CloudWatchMetrics"]:
            metrics |= {(metric["Name"], frozenset(dimensions))
                        for metric in directive["Metrics"]
                        for dimensions in directive["Dimensions"]}
    return metrics


def watched(template: dict) -> set:
    """The project's metrics that alarms and dashboard read, with the dimensions they ask for."""
    metrics = set()
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            if properties.get("Namespace") == NAMESPACE:
                names = frozenset(each["Name"] for each in properties.get("Dimensions", []))
                metrics.add((properties["MetricName"], names))
            for metric in properties.get("Metrics", []):
                found = re.search(rf"\((\w+)\) FROM SCHEMA\({NAMESPACE}((?:, *\w+)*)\)",
                                  metric["Expression"])
                metrics.add((found[1], frozenset(re.findall(r"\w+", found[2]))))
        if resource["Type"] == "AWS::CloudWatch::Dashboard":
            body = json.loads(properties["DashboardBody"]["Fn::Sub"])
            for widget in body["widgets"]:
                for metric in widget["properties"]["metrics"]:
                    if isinstance(metric[0], str):
                        metrics.add((metric[1], frozenset(metric[2::2])))
                        continue
                    found = re.search(rf"{{{NAMESPACE}([^}}]*)}} MetricName=\"(\w+)\"",
                                      metric[0]["expression"])
                    metrics.add((found[2], frozenset(re.findall(r"\w+", found[1]))))
    return metrics


# Measured once in a thousand decisions; a journey of `tests/suite/model.rs` waits for it.
RARE = {"drift_score_psi"}


def alarms_and_dashboard_read_what_is_measured(world, checks):
    asked, measured = watched(world.stack.template), emitted(world.function_logs())
    checks.that("alarms and dashboard read metrics of the project's", len(asked) >= 8, asked)
    for name, dimensions in sorted(asked, key=str):
        if name in RARE:
            continue
        checks.that(f"{name} is measured by {', '.join(sorted(dimensions)) or 'nothing else'}",
                    (name, dimensions) in measured, sorted(map(str, measured)))


def a_deleted_stack_leaves_its_decisions(world, checks):
    status = world.stack.delete()
    checks.that("the stack can be deleted", status == "DELETE_COMPLETE",
                (status, world.stack.failures()))
    tables = world.emulator.client("dynamodb").list_tables()["TableNames"]
    checks.that("its table stays", tables == [world.resources["SentinelTable"]], tables)
    functions = world.emulator.client("lambda").list_functions()["Functions"]
    checks.that("its functions do not", not functions,
                [each["FunctionName"] for each in functions])


CHECKS = [
    every_example_event_is_answered,
    a_poison_message_ends_in_the_dead_letter_queue,
    a_spent_budget_closes_the_gate_and_tells,
    alarms_and_dashboard_read_what_is_measured,
    a_deleted_stack_leaves_its_decisions,
]
