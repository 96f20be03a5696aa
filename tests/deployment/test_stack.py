#!/usr/bin/env python3
"""Deploys the real template with the real function binaries into an emulated AWS, and uses it.

    python3 -m venv tests/deployment/.venv
    tests/deployment/.venv/bin/pip install -r tests/deployment/requirements.txt
    cargo build --workspace && tests/deployment/.venv/bin/python tests/deployment/test_stack.py

What the journeys on one machine cannot show: that CloudFormation takes the template, that every
route, scope, mapping and filter is wired to its function, and that each function's role suffices
and is needed. The emulator is not AWS: it stands for the contract, not for limits or latency.
"""

import argparse
import json
import pathlib
import signal
import sys
import time
import traceback

from botocore.exceptions import ClientError

import client
import operations
from client import eventually, risky, transaction
from emulator import Emulator
from neighbours import Issuer, Llm
from permissions import Role, grant_what_the_emulator_asks_beyond_aws
from stack import package

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Checks:
    """Counts the checks that passed and failed."""

    def __init__(self):
        self.passed = self.failed = 0
        self._started = time.monotonic()

    def that(self, fact: str, held, seen="") -> None:
        self.passed, self.failed = self.passed + bool(held), self.failed + (not held)
        print(f"{'ok  ' if held else 'FAIL'} {time.monotonic() - self._started:6.1f} s  {fact}"
              + ("" if held else f"\n     {seen!r}"), flush=True)


class World:
    """What the checks share: the emulator, the neighbours, the stack and a client of it."""

    def __init__(self, emulator, issuer, llm, stack):
        self.emulator, self.issuer, self.llm, self.stack = emulator, issuer, llm, stack
        self.resources, self.logged, self.http = {}, [], None

    def function_logs(self) -> list:
        """Every line the functions logged, in the log groups the template gives them."""
        logs = self.emulator.client("logs")
        self.logged = [event["message"].rstrip()
                for name, group in self.resources.items() if name.endswith("Logs")
                for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
                for event in page["events"]]
        return self.logged

    def websocket_endpoint(self) -> str:
        """On AWS the address follows from the template; the emulator has its own."""
        return f"{self.emulator.url}/_aws/execute-api/{self.resources['WebSocketApi']}/live"

    def parameters(self, **more) -> dict:
        return {
            "Architecture": "x86_64",
            "AwsEndpointUrl": self.emulator.url,
            "JwtIssuer": self.issuer.url,
            "LlmBaseUrl": f"{self.llm.url}/v1",
            # Cases that no rule decides are uncertain, so that the path through the LLM is used.
            "ReviewLine": "0",
            "AlertLine": "1",
            "RulesRefreshSeconds": "0",
        } | more


def give_the_llm_s_key(world):
    """What an operator does once: the stack has made the secret with an empty key."""
    secrets = world.emulator.client("secretsmanager")
    secret = {"SecretId": world.resources["Secret"]}
    document = json.loads(secrets.get_secret_value(**secret)["SecretString"])
    secrets.put_secret_value(
        **secret, SecretString=json.dumps(document | {"llm_api_key": "key-of-the-llm"}))


def the_example_issuer_is_refused(world, checks):
    """A deployment without an issuer fails before anything is created."""
    try:
        world.stack.create(world.parameters(JwtIssuer="https://issuer.example.com/"))
        refused = "made"
    except ClientError as err:
        refused = str(err)
    checks.that("the template's example issuer is refused", "JwtIssuer" in refused, refused)


def the_stack_is_created(world, checks):
    the_example_issuer_is_refused(world, checks)
    status = world.stack.create(world.parameters())
    checks.that("CloudFormation creates the stack", status == "CREATE_COMPLETE",
                (status, world.stack.failures()))
    if status != "CREATE_COMPLETE":
        return
    world.resources = world.stack.resources()
    status = world.stack.update(
        world.parameters(WebSocketEndpoint=world.websocket_endpoint()))
    checks.that("a changed parameter updates it", status == "UPDATE_COMPLETE",
                (status, world.stack.failures()))
    kept = world.stack.resources()
    checks.that("the update replaces nothing", kept == world.resources,
                {key: kept.get(key) for key in world.resources
                 if kept.get(key) != world.resources[key]})
    grant_what_the_emulator_asks_beyond_aws(world.emulator, world.resources)
    give_the_llm_s_key(world)
    world.http = client.Http(world.emulator, world.resources["HttpApi"], world.issuer.token())


def the_open_routes_answer_without_a_token(world, checks):
    for path in ("/api/v1/health", "/openapi.json", "/docs"):
        reply = world.http.get(path, token="")
        checks.that(f"GET {path} answers anyone", reply.status in (200, 301, 302, 307, 308), reply)


def tokens_open_what_their_scopes_say(world, checks):
    http, issuer = world.http, world.issuer
    for fact, token, status in (
        ("no token", "", 401),
        ("a forged signature", issuer.token(forged=True), 401),
        ("an expired token", issuer.token(exp=int(time.time()) - 60), 401),
        ("a token for another audience", issuer.token(aud="another"), 401),
        ("a token of another issuer", issuer.token(iss="https://issuer.example.com/"), 401),
        ("a token without the scope", issuer.token(scope="transactions:write"), 403),
        ("a token without a tenant", issuer.token(tenant=""), 401),
    ):
        reply = http.get("/api/v1/alerts", token=token)
        checks.that(f"{fact} is answered {status}", reply.status == status, reply)
    reply = http.get("/api/v1/alerts", x_tenant_id="another")
    checks.that("naming another tenant is answered 403", reply.status == 403, reply)
    reply = http.post(transaction("scopes"), token=issuer.token(scope="alerts:read"))
    checks.that("reading does not allow sending", reply.status == 403, reply)


def a_risky_transaction_becomes_an_alert(world, checks):
    reply = world.http.post(risky("risky-1"))
    checks.that("a transaction is accepted", reply.status == 202, reply)
    decision = world.http.decision("risky-1") or {}
    checks.that("the queue brings it to its decision", decision.get("alert") is True, decision)
    alerts = world.http.get("/api/v1/alerts")
    listed = [each["alert_id"] for each in alerts.body.get("alerts", [])]
    checks.that("its alert is listed", listed == ["al_risky-1"], alerts)
    alert = world.http.get("/api/v1/alerts/al_risky-1")
    checks.that("its alert can be read", alert.status == 200, alert)
    another = world.issuer.token(tenant="another")
    for path in ("alerts/al_risky-1", "transactions/risky-1"):
        reply = world.http.get(f"/api/v1/{path}", token=another)
        checks.that(f"another tenant finds no {path}", reply.status == 404, reply)


def history_is_counted_and_not_judged(world, checks):
    old = json.dumps(risky("old-1"))
    kind, path = "application/x-ndjson", "/api/v1/history"
    token = world.issuer.token(scope="history:write")
    reply = world.http.send("POST", path, old, content_type=kind)
    checks.that("bringing history in has a scope of its own", reply.status == 403, reply)
    reply = world.http.send("POST", path, old, token=token, content_type=kind)
    checks.that("history is accepted", reply.status == 207, reply)
    known = world.http.decision("old-1") or {}
    checks.that("its queue brings it to be counted", known.get("status") == "history", known)


def a_later_hit_joins_its_alert(world, checks):
    hit = risky("hit-1") | {"timestamp": "2026-01-05T11:00:00Z"}
    hit |= {side: risky("risky-1")[side] for side in ("sender", "receiver")}
    world.http.post(hit)
    decision = world.http.decision("hit-1") or {}
    checks.that("a later hit of the same account and typology joins the open alert",
                (decision.get("alert_id"), decision.get("attached")) == ("al_risky-1", True),
                decision)


def a_rule_set_goes_live_through_the_shadow(world, checks):
    def token(who, scope):
        return world.issuer.token(scope=f"alerts:read rules:{scope}", sub=who)
    path = "/api/v1/rule-sets"
    document = (ROOT / "shared/rules/core.json").read_text()
    document = document.replace('"version": "', '"version": "try-', 1)
    drafted = world.http.send("POST", path, document, token=token("author", "write"))
    checks.that("a rule set is drafted", drafted.status == 201, drafted)
    version = drafted.body["version"]
    for state, who, scope, status in (
        ("shadow", "author", "write", 200),
        ("live", "author", "approve", 403),
        ("live", "approver", "approve", 200),
    ):
        reply = world.http.send("POST", f"{path}/{version}/transitions",
                                json.dumps({"to": state}), token=token(who, scope))
        checks.that(f"its {who} asks for {state}: {status}", reply.status == status, reply)
        if state == "shadow":
            world.http.post(transaction("beside-1"))
            world.http.decision("beside-1")
            report = eventually(lambda: world.http.get(f"{path}/{version}/shadow").body["decided"])
            checks.that("in the shadow it judges beside the live set", report == 1, report)
    world.http.post(risky("ruled-1"))
    decision = world.http.decision("ruled-1") or {}
    checks.that("live it judges", decision.get("versions", {}).get("rules") == version, decision)
    explained = world.http.get("/api/v1/transactions/ruled-1?rules=all")
    checks.that("and explains every rule", len(explained.body.get("rules", [])) > 50, explained)
    reply = world.http.send("POST", f"{path}/rollback", "{}", token=token("author", "approve"))
    checks.that("and is rolled back", reply.body.get("live") == "embedded", reply)


def a_reference_set_goes_live_and_is_named(world, checks):
    def token(who, scope):
        return world.issuer.token(scope=f"alerts:read reference:{scope}", sub=who)
    path = "/api/v1/reference-sets"
    document = (ROOT / "shared/reference/core.json").read_text()
    document = document.replace('"version": "', '"version": "try-', 1)
    drafted = world.http.send("POST", path, document, token=token("author", "write"))
    checks.that("a reference set is drafted, with the ages of its parts",
                drafted.status == 201 and len(drafted.body["parts"]) == 5, drafted)
    version = drafted.body["version"]
    for state, who, scope, status in (
        ("shadow", "author", "write", 200),
        ("live", "author", "approve", 403),
        ("live", "approver", "approve", 200),
    ):
        reply = world.http.send("POST", f"{path}/{version}/transitions",
                                json.dumps({"to": state}), token=token(who, scope))
        checks.that(f"its {who} asks for {state}: {status}", reply.status == status, reply)
    world.http.post(risky("referred-1"))
    decision = world.http.decision("referred-1") or {}
    checks.that("live it is what payments are read with",
                decision.get("versions", {}).get("reference") == version, decision)
    reply = world.http.send("POST", f"{path}/rollback", "{}", token=token("author", "approve"))
    checks.that("and is rolled back", reply.body.get("live") == "embedded", reply)


def a_second_delivery_is_a_replay(world, checks):
    reply = world.http.post(risky("risky-1"))
    checks.that("the same body again is a replay", "idempotency-replayed" in reply.headers, reply)
    changed = risky("risky-1") | {"amount": "5000.01"}
    reply = world.http.post(changed)
    checks.that("another body under its id is a conflict", reply.status == 409, reply)


def an_uncertain_transaction_asks_the_llm(world, checks):
    world.http.post(transaction("uncertain-1"))
    decision = world.http.decision("uncertain-1") or {}
    checks.that("the LLM judges what is uncertain", decision.get("level") == "llm", decision)
    checks.that("with the key of the stack's secret",
                world.llm.keys_seen[:1] == ["Bearer key-of-the-llm"], world.llm.keys_seen)


def an_analyst_hears_an_alert_live(world, checks):
    ticket = world.http.send("POST", "/api/v1/stream-tickets")
    checks.that("a token buys a ticket", ticket.status == 201, ticket)
    api = world.resources["WebSocketApi"]
    live = client.listen(world.emulator, api, ticket.body["ticket"])
    try:
        world.http.post(risky("risky-2"))
        pushed = []
        # Earlier alerts may come first.
        while "al_risky-2" not in pushed and len(pushed) < 5:
            message = json.loads(live.recv())
            pushed.append(message["alert"]["alert_id"] if message["type"] == "alert" else message)
        checks.that("the stream pushes the alert to the listener", "al_risky-2" in pushed, pushed)
        worker = world.issuer.token(scope="alerts:work", sub="ann")
        step = {"version": 0, "step": "dispose", "conclusion": "false_positive",
                "reason": "family"}
        reply = world.http.send("POST", "/api/v1/alerts/al_risky-2/disposition",
                                json.dumps(step), token=worker)
        checks.that("an analyst concludes", reply.status == 200, reply)
        changed = json.loads(live.recv())
        checks.that("and the listener hears of it",
                    (changed["type"], changed["alert_id"]) == ("alert_changed", "al_risky-2"),
                    changed)
        case = json.dumps({"title": "A shell", "alerts": ["al_risky-2"]})
        opened = world.http.send("POST", "/api/v1/cases", case, token=worker)
        read = world.http.get(f"/api/v1/cases/{opened.body.get('case_id')}")
        checks.that("a case is opened and read with its alerts",
                    [alert["alert_id"] for alert in read.body.get("alerts", [])]
                    == ["al_risky-2"], (opened, read))
        account = world.http.get("/api/v1/payments?account_id=IR%20risky-2-to")
        checks.that("an account's payments are listed through the index",
                    [payment["msg_id"] for payment in account.body.get("payments", [])]
                    == ["risky-2"], account)
    finally:
        live.close()
    for fact, used in (("a used ticket", ticket.body["ticket"]), ("no ticket", "")):
        try:
            client.listen(world.emulator, api, used).close()
            refused = "opened"
        except client.websocket.WebSocketBadStatusException as err:
            refused = err.status_code
        checks.that(f"{fact} opens nothing", refused in (401, 403), refused)


def an_alert_is_explained(world, checks):
    reply = world.http.send("POST", "/api/v1/alerts/al_risky-1/explanation")
    checks.that("an alert is explained", reply.status == 200, reply)


def the_guard_runs_on_schedule(world, checks):
    rule = world.resources["BudgetGuardSchedule"].split("|")[-1]
    events = world.emulator.client("events")
    deployed = events.describe_rule(Name=rule)
    checks.that("the guard is scheduled", deployed["ScheduleExpression"] == "rate(5 minutes)",
                deployed)
    memory = {"pk": {"S": "*#budget"}, "sk": {"S": "guard"}}
    table = world.emulator.client("dynamodb")
    def remembered():
        return table.get_item(TableName=world.resources["SentinelTable"], Key=memory).get("Item")
    checks.that("the guard has not run yet", remembered() is None, remembered())
    # The rule, its target and its permission stay the deployed ones; only the wait is shorter.
    events.put_rule(Name=rule, ScheduleExpression="rate(1 minute)")
    checks.that("its schedule runs the guard", eventually(remembered, 75), world.emulator.log()[-2000:])
    budget = world.http.get("/api/v1/budget")
    checks.that("the budget shows what was spent", budget.status == 200
                and budget.body["gate"] == "open" and budget.body["spent_micro_usd"] > 0, budget)


def a_function_may_what_its_role_allows(world, checks):
    """Taking an action away breaks what needs it and nothing else."""
    def event(name: str) -> bytes:
        return (ROOT / f"events/{name}.json").read_bytes()

    def undelivered(function: str, records: bytes) -> int:
        answer = operations.invoke(world, function, records)
        return len(answer.get("batchItemFailures", [answer]))

    http, explanation = world.http, "/api/v1/alerts/al_risky-2/explanation"
    # One of the batch's two messages fails regardless of the role: it is the poison.
    batch = event("sqs-batch-with-poison").replace(b"example-1", b"role-1")
    alert = event("dynamodb-stream-alert")
    for role, action, ask, expected in (
        ("IngestRole", "dynamodb:PutItem", lambda: http.post(risky("risky-3")).status, (503, 202)),
        ("CaseDeskRole", "dynamodb:Query", lambda: http.get("/api/v1/alerts").status, (503, 200)),
        ("ExplainAlertRole", "dynamodb:GetItem",
         lambda: http.send("POST", explanation).status, (503, 200)),
        ("ScoreRole", "dynamodb:UpdateItem", lambda: undelivered("ScoreFunction", batch), (2, 1)),
        ("AlertPushRole", "dynamodb:Query",
         lambda: undelivered("AlertPushFunction", alert), (1, 0)),
        ("BudgetGuardRole", "dynamodb:PutItem",
         lambda: "FunctionError" in operations.invoke(world, "BudgetGuardFunction"),
         (True, False)),
    ):
        with Role(world.emulator, world.resources[role]).without(action):
            denied = ask()
        allowed = ask()
        checks.that(f"{role} needs {action}, and has it", (denied, allowed) == expected,
                    (denied, allowed))


def every_function_logs_and_none_complains(world, checks):
    lines = world.function_logs()
    checks.that("the functions log to the template's log groups", lines)
    trouble = [line for line in lines if '"level":"ERROR"' in line or '"level":"WARN"' in line]
    checks.that("none of them logged an error or a warning", not trouble, trouble)


CHECKS = [
    the_stack_is_created,
    the_open_routes_answer_without_a_token,
    tokens_open_what_their_scopes_say,
    a_risky_transaction_becomes_an_alert,
    history_is_counted_and_not_judged,
    a_later_hit_joins_its_alert,
    a_rule_set_goes_live_through_the_shadow,
    a_reference_set_goes_live_and_is_named,
    a_second_delivery_is_a_replay,
    an_uncertain_transaction_asks_the_llm,
    an_analyst_hears_an_alert_live,
    an_alert_is_explained,
    the_guard_runs_on_schedule,
    every_function_logs_and_none_complains,
    a_function_may_what_its_role_allows,
    *operations.CHECKS,
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bin-dir", type=pathlib.Path, default=ROOT / "target/debug",
                        help="where the function binaries are (default: %(default)s)")
    parser.add_argument("--log", type=pathlib.Path, help="keep the emulator's log here")
    arguments = parser.parse_args()
    # On SIGTERM, leave the `with` blocks so that the emulator ends too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    checks = Checks()
    with Emulator() as emulator, Issuer() as issuer, Llm() as llm:
        stack = package(emulator, ROOT / "template.yaml", arguments.bin_dir)
        world = World(emulator, issuer, llm, stack)
        for check in CHECKS:
            try:
                check(world, checks)
            except Exception:
                checks.that(check.__name__.replace("_", " "), False, traceback.format_exc())
            if world.http is None:
                break  # Without a stack all the others would fail too.
        if arguments.log:
            arguments.log.write_text("\n".join(world.logged) + "\n" + emulator.log())
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
