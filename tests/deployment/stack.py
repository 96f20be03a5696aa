"""The real template as a stack: what `sam package` and `sam deploy` do, against the emulator.

Nothing of the template is replaced but the functions' `CodeUri`, which becomes the uploaded code's
place, as `sam package` writes it.
"""

import concurrent.futures
import pathlib
import shutil
import subprocess
import time
import zipfile

import yaml

NAME = "sentinel"
BUCKET = "sentinel-code"


class Tagged(yaml.SafeLoader):
    """Reads CloudFormation's short forms (`!Ref x`) as their long ones (`{"Ref": "x"}`)."""


def _intrinsic(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


Tagged.add_multi_constructor("!", _intrinsic)


def functions(template: dict) -> dict:
    return {name: resource for name, resource in template["Resources"].items()
            if resource["Type"] == "AWS::Serverless::Function"}


def _zip(binary: pathlib.Path, home: pathlib.Path) -> pathlib.Path:
    """A deployment package: `bootstrap` alone, without the debug symbols of a development build."""
    if not binary.exists():
        raise SystemExit(f"{binary} is missing; `cargo build --workspace --bins` makes it")
    bootstrap = home / f"{binary.name}.bootstrap"
    if subprocess.run(["strip", "-o", bootstrap, binary], capture_output=True).returncode != 0:
        shutil.copy(binary, bootstrap)
    package = home / f"{binary.name}.zip"
    entry = zipfile.ZipInfo("bootstrap", time.gmtime()[:6])
    entry.external_attr = 0o100755 << 16
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr(entry, bootstrap.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=1)
    bootstrap.unlink()
    return package


def package(emulator, template_path: pathlib.Path, bin_dir: pathlib.Path) -> "Stack":
    """Uploads every function's binary, and the template that says where they are."""
    template = yaml.load(template_path.read_text(), Tagged)
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=BUCKET,
                     CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})

    def upload(function):
        name = pathlib.PurePosixPath(function["Properties"]["CodeUri"]).name
        package = _zip(bin_dir / name, emulator.home)
        s3.upload_file(str(package), BUCKET, package.name)
        package.unlink()
        function["Properties"]["CodeUri"] = f"s3://{BUCKET}/{package.name}"

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(upload, functions(template).values()))
    s3.put_object(Bucket=BUCKET, Key="template.yaml",
                  Body=yaml.safe_dump(template, sort_keys=False, width=1000).encode())
    return Stack(emulator, template)


class Stack:
    """The deployed stack: its resources by the template's names."""

    def __init__(self, emulator, template: dict):
        self._cloudformation = emulator.client("cloudformation")
        self._template_url = f"{emulator.url}/{BUCKET}/template.yaml"
        self.template, self.id = template, NAME

    def create(self, parameters: dict) -> str:
        self.id = self._cloudformation.create_stack(**self._change(parameters))["StackId"]
        return self._settled()

    def update(self, parameters: dict) -> str:
        self._cloudformation.update_stack(**self._change(parameters))
        return self._settled()

    def delete(self) -> str:
        self._cloudformation.delete_stack(StackName=NAME)
        return self._settled()

    def _change(self, parameters: dict) -> dict:
        return {
            "StackName": NAME,
            "TemplateURL": self._template_url,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value}
                           for key, value in parameters.items()],
            "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        }

    def resources(self) -> dict:
        pages = self._cloudformation.get_paginator("list_stack_resources")
        return {each["LogicalResourceId"]: each["PhysicalResourceId"]
                for page in pages.paginate(StackName=NAME)
                for each in page["StackResourceSummaries"]}

    def outputs(self) -> dict:
        stack = self._cloudformation.describe_stacks(StackName=NAME)["Stacks"][0]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    def failures(self) -> list:
        events = self._cloudformation.describe_stack_events(StackName=self.id)["StackEvents"]
        return [f"{each['LogicalResourceId']}: {each.get('ResourceStatusReason', '')}"
                for each in events if each["ResourceStatus"].endswith("FAILED")]

    def _settled(self) -> str:
        deadline = time.monotonic() + 90
        while True:
            stack = self._cloudformation.describe_stacks(StackName=self.id)["Stacks"][0]
            status = stack["StackStatus"]
            if not status.endswith("IN_PROGRESS") or time.monotonic() > deadline:
                return status
            time.sleep(0.1)
