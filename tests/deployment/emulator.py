"""An AWS in one process on loopback: ministack, with IAM enforced, in its own directory.

It runs the function binaries as `provided.al2023` does, over the Lambda Runtime API, without
Docker. What it leaves behind goes with the directory.
"""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3
from botocore.config import Config

REGION = "eu-west-2"
ACCOUNT = "000000000000"
# The emulator's administrator. Every other caller may do only what its IAM policies allow.
KEY_ID, KEY = "administrator", "administrator-of-the-emulator"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Emulator:
    """A running ministack; `with` ends it."""

    def __enter__(self) -> "Emulator":
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="sentinel-stack-"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path = self.home / "emulator.log"
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [pathlib.Path(sys.executable).with_name("ministack")],
                env=self._environment(), cwd=self.home, stdout=log, stderr=subprocess.STDOUT,
            )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def client(self, service: str):
        return boto3.client(
            service, endpoint_url=self.url, region_name=REGION,
            aws_access_key_id=KEY_ID, aws_secret_access_key=KEY,
            config=Config(proxies={}, retries={"total_max_attempts": 2}, read_timeout=120,
                          s3={"addressing_style": "path"}),
        )

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def _environment(self) -> dict:
        # Functions inherit this environment, so it must hold no proxy or AWS setting of the machine.
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(self.home),
            "STATE_DIR": str(self.home / "state"),
            "AUTH": "true",
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
        }

    def _wait_until_it_answers(self) -> None:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + 30
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                opener.open(f"{self.url}/_ministack/health", timeout=2).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"ministack did not start:\n{self.log()[-2000:]}")
