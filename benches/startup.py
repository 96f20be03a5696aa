#!/usr/bin/env python3
"""Measures what our code adds to a Lambda cold start: the size of each function's binary, the time
from process start to its first `GET …/invocation/next`, and its peak resident memory until then.
A Lambda function that does nothing (`benches/empty-lambda`), built with the same profile, is the
baseline.

    cargo build --release -p ingest -p score … -p empty-lambda
    benches/startup.py target/release/{empty-lambda,ingest,score,case-desk}

or, with the binaries as built for Lambda:

    cargo lambda build --release --x86-64 && cargo lambda build --release --x86-64 -p empty-lambda
    benches/startup.py target/lambda/*/bootstrap

Needs only Python's standard library. The binaries are started in turn, so that a busy moment on the
machine affects all of them alike. Medians are over `--runs` starts of each, with a warm page cache.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import selectors
import signal
import socket
import statistics
import sys
import time

POLL = b"GET /2018-06-01/runtime/invocation/next "
INIT_ERROR = b"/runtime/init/error"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
TIMEOUT_S = 10.0


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("binaries", nargs="+", type=pathlib.Path)
    arguments.add_argument("--runs", type=int, default=200)
    arguments.add_argument("--json", type=pathlib.Path, help="also write the figures here")
    options = arguments.parse_args()

    runs: dict[pathlib.Path, list[Run]] = {binary: [] for binary in options.binaries}
    with RuntimeApi() as api:
        for turn in range(options.runs + 1):
            for binary in options.binaries:
                run = api.start(binary)
                if turn > 0:  # the first start only warms the page cache
                    runs[binary].append(run)
            if sys.stderr.isatty():
                print(f"\r{turn}/{options.runs}", end="", file=sys.stderr)
    figures = [figure(binary, of) for binary, of in runs.items()]
    print_table(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


class Run:
    def __init__(self, seconds: float, resident_kb: int):
        self.milliseconds = seconds * 1e3
        self.resident_mb = resident_kb / 1024


class RuntimeApi:
    """As much of the Lambda Runtime API as a start needs, on a free loopback port."""

    def __enter__(self) -> RuntimeApi:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        return self

    def __exit__(self, *_) -> None:
        self.listener.close()

    def start(self, binary: pathlib.Path) -> Run:
        """Starts the binary, waits for its first poll, then kills it."""
        environment = self.environment(binary)
        null = os.open(os.devnull, os.O_RDWR)
        to_null = [(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)]
        program = str(binary.resolve())
        started = time.perf_counter()
        pid = os.posix_spawn(program, [program], environment, file_actions=to_null)
        try:
            polled, resident_kb = self.wait_for_poll(binary, pid)
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(null)
        return Run(polled - started, resident_kb)

    def wait_for_poll(self, binary: pathlib.Path, pid: int) -> tuple[float, int]:
        """Returns the time of the first poll and the peak resident memory so far, which has to be
        read before the connection is closed, because the function then exits. Any request before
        the poll (there should be none) gets an empty answer."""
        deadline = time.perf_counter() + TIMEOUT_S
        with selectors.DefaultSelector() as selector:
            selector.register(self.listener, selectors.EVENT_READ)
            connections = []
            try:
                while time.perf_counter() < deadline:
                    for key, _ in selector.select(0.05):
                        if key.fileobj is self.listener:
                            connection, _ = self.listener.accept()
                            connections.append(connection)
                            selector.register(connection, selectors.EVENT_READ)
                            continue
                        request = key.fileobj.recv(65536)
                        if request.startswith(POLL):
                            return time.perf_counter(), resident(pid)
                        if not request:
                            selector.unregister(key.fileobj)
                            continue
                        if INIT_ERROR in request:
                            raise SystemExit(f"{binary} failed to start: {request[-500:]!r}")
                        key.fileobj.sendall(ANSWER)
                    if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                        raise SystemExit(f"{binary} ended before its first poll")
            finally:
                for connection in connections:
                    connection.close()
        raise SystemExit(f"{binary} did not poll within {TIMEOUT_S:.0f} s")

    def environment(self, binary: pathlib.Path) -> dict[str, str]:
        address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        name = binary_name(binary)
        return {
            "AWS_ACCESS_KEY_ID": "none",
            "AWS_ENDPOINT_URL": f"http://{address}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_REGION": "us-east-1",
            "AWS_SECRET_ACCESS_KEY": "none",
            "BUDGET_TIME_ZONE": "Europe/Berlin",
            "DAILY_BUDGET_USD": "10",
            "HISTORY_QUEUE_URL": f"http://{address}/000000000000/history",
            "LATENCY_THRESHOLD_MS": "4000",
            "LLM_BASE_URL": f"http://{address}/v1",
            "LLM_INPUT_USD_PER_MTOK": "0.15",
            "LLM_MAX_TOKENS": "400",
            "LLM_MODEL": "none",
            "LLM_OUTPUT_USD_PER_MTOK": "0.60",
            "LLM_TIMEOUT_MS": "8000",
            "LOG_LEVEL": "error",
            "METRICS_NAMESPACE": "Bench",
            "QUEUE_URL": f"http://{address}/000000000000/bench",
            "SECRET_ID": "bench",
            "TABLE_NAME": "bench",
            "TENANTS": "main",
            "TOPIC_ARN": "arn:aws:sns:us-east-1:000000000000:bench",
            "WEBSOCKET_ENDPOINT": f"http://{address}",
        }


def resident(pid: int) -> int:
    """The process's peak resident memory so far, in KiB."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def binary_name(binary: pathlib.Path) -> str:
    return binary.parent.name if binary.name == "bootstrap" else binary.name


def figure(binary: pathlib.Path, runs: list[Run]) -> dict:
    times = sorted(run.milliseconds for run in runs)
    return {
        "function": binary_name(binary),
        "size_mb": round(binary.stat().st_size / 1e6, 2),
        "runs": len(times),
        "median_ms": round(statistics.median(times), 2),
        "p95_ms": round(times[int(len(times) * 0.95)], 2),
        "resident_mb": round(statistics.median(run.resident_mb for run in runs), 1),
    }


def print_table(figures: list[dict]) -> None:
    figures = sorted(figures, key=lambda f: f["median_ms"])
    print("| function | size, MB | start to first poll, median ms | 95th | resident, MB |")
    print("|---|---:|---:|---:|---:|")
    for f in figures:
        print(
            f"| {f['function']} | {f['size_mb']} | {f['median_ms']} | {f['p95_ms']} "
            f"| {f['resident_mb']} |"
        )


if __name__ == "__main__":
    main()
