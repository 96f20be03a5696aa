"""What the deployed roles allow, and how it looks when they allow less."""

import contextlib
import json


class Role:
    """One deployed role's inline policies."""

    def __init__(self, emulator, name: str):
        self._iam, self.name = emulator.client("iam"), name

    def policies(self) -> dict:
        names = self._iam.list_role_policies(RoleName=self.name)["PolicyNames"]
        return {name: self._iam.get_role_policy(RoleName=self.name, PolicyName=name)
                ["PolicyDocument"] for name in names}

    def put(self, policy: str, document: dict) -> None:
        self._iam.put_role_policy(RoleName=self.name, PolicyName=policy,
                                  PolicyDocument=json.dumps(document))

    def actions(self) -> set:
        return {action for document in self.policies().values()
                for statement in document["Statement"] for action in statement["Action"]}

    @contextlib.contextmanager
    def without(self, action: str):
        """Takes `action` away from the role for the duration of a `with` block."""
        before = self.policies()
        for name, document in before.items():
            statements = [statement | {"Action": [each for each in statement["Action"]
                                                  if each != action]}
                          for statement in document["Statement"]]
            statements = [each for each in statements if each["Action"]]
            self.put(name, document | {"Statement": statements})
        try:
            yield
        finally:
            for name, document in before.items():
                self.put(name, document)


def grant_what_the_emulator_asks_beyond_aws(emulator, resources: dict) -> None:
    """AWS authorizes `SendMessageBatch` by `sqs:SendMessage` and has no action with the longer
    name; ministack 1.5.33 requires one."""
    queues = (resources[name].rsplit("/", 1)[-1] for name in ("TransactionsQueue", "HistoryQueue"))
    Role(emulator, resources["IngestRole"]).put("emulator-only", {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["sqs:SendMessageBatch"],
                       "Resource": [f"arn:aws:sqs:*:*:{queue}" for queue in queues]}],
    })
