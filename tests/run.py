"""Runs every test and counts the results: Rust (unit tests, journeys, tidiness), the page (its logic,
and itself in a browser), training, and the real template deployed to an emulator. The last line of output is `N passed, N failed`."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHROMIUM = [os.environ.get("CHROMIUM", "/usr/bin/chromium"), "/usr/bin/chromium-browser"]
RUST = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed")
PLAIN = re.compile(r"^(\d+) passed, (\d+) failed$")
UNITTEST = re.compile(r"^Ran (\d+) tests? in")
VITEST = re.compile(r"^Tests\s+(.*)\(\d+\)$")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
UNITTEST_BAD = re.compile(r"^FAILED \((.*)\)")


def run(title, *command):
    """Echoes a command's output as it arrives; returns how many tests passed and failed."""
    print(f"\n== {title}: {' '.join(map(str, command))}", flush=True)
    started = time.monotonic()
    process = subprocess.Popen(
        command, cwd=ROOT, text=True, errors="replace",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    passed = failed = 0
    for line in process.stdout:
        print(line, end="", flush=True)
        line = COLOURS.sub("", line).strip()
        if found := RUST.match(line) or PLAIN.match(line):
            passed += int(found[1])
            failed += int(found[2])
        elif found := UNITTEST.match(line):
            passed += int(found[1])
        elif found := VITEST.match(line):
            counts = {word: int(n) for n, word in re.findall(r"(\d+) (\w+)", found[1])}
            passed += counts.get("passed", 0)
            failed += counts.get("failed", 0)
        elif found := UNITTEST_BAD.match(line):
            bad = sum(map(int, re.findall(r"\d+", found[1])))
            passed -= bad
            failed += bad
    if process.wait() != 0 and failed == 0:
        print(f"{title} ended with status {process.returncode}")
        failed += 1
    print(f"== {title}: {passed} passed, {failed} failed in {time.monotonic() - started:.0f} s")
    return passed, failed


def virtual_environment(folder):
    """Returns the Python of a virtual environment with the folder's pinned requirements. If they
    cannot be installed (no network, say), returns the current interpreter, which is enough for
    tests that need only the standard library."""
    python = ROOT / folder / ".venv/bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ROOT / folder / ".venv"], check=True)
    requirements = ROOT / folder / "requirements.txt"
    install = [python, "-m", "pip", "install", "--quiet", "--requirement", requirements]
    if subprocess.run(install).returncode != 0:
        print(f"{requirements} could not be installed: tests that need it are skipped or fail")
        return sys.executable
    return python


def dashboard():
    """Builds the page and tests it: its logic, then the page itself in a browser if there is one."""
    if shutil.which("npm") is None:
        print("npm is absent: the page is not built, and its tests are skipped")
        return []
    npm = ["npm", "--prefix", "dashboard", "run", "--silent"]
    results = [run("page", "make", "dashboard"), run("page logic", *npm, "test")]
    if not any(map(os.path.exists, CHROMIUM)):
        print(f"none of {', '.join(CHROMIUM)} is there: the tests in a browser are skipped")
        return results
    return [*results, run("page in a browser", *npm, "browser")]


def main():
    if sys.argv[1:]:
        # There are no options: any argument, such as --help, only prints the description.
        print(__doc__)
        return 0
    started = time.monotonic()
    os.environ.setdefault("RUST_BACKTRACE", "0")
    # The journeys start the function binaries.
    results = [
        run("build", "cargo", "build", "--workspace", "--bins"),
        run("rust", "cargo", "test", "--workspace", "--no-fail-fast"),
    ]
    results += dashboard()
    python = virtual_environment("training")
    results.append(run("training", python, "-m", "unittest", "discover", "-s", "training"))
    python = virtual_environment("tests/deployment")
    results.append(run("deployment", python, "tests/deployment/test_stack.py"))
    passed, failed = (sum(column) for column in zip(*results))
    print(f"\nAll tests in {time.monotonic() - started:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
