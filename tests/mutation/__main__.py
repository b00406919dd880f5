"""Makes faults in the code, and tells which of them the tests do not notice.

`script/mutate --help` tells the options.
"""

import argparse
from collections.abc import Iterator
import contextlib
from dataclasses import dataclass, field
from functools import partial
import gc
from importlib import import_module
import json
import os
from pathlib import Path
import random
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any, Final

from .concerned import equivalent, files, test_files
from .trial import ROOT, fork, traced, tried

_MUTMUT: Final = ROOT / ".cache/venv/mutate/bin/python"

# What all tests need, imported once; what else they import, they tell.
_NEEDED: Final = ("pytest_homeassistant_custom_component.plugins", "aiomqtt")

# How much longer than before the tests may take, with what a start takes (seconds).
_TIMES: Final = 4
_START: Final = 20.0


@dataclass
class Job:
    """A mutant and the tests that have to notice it."""

    path: str
    mutant: dict[str, Any]
    tests: list[str]
    seconds: float
    """What the tests take without it."""
    killed: bool = False

    def __str__(self) -> str:
        """Tell where it is and what it does."""
        was, now = self.mutant["was"], self.mutant["now"]
        line = f"{self.path}:{self.mutant['first']}"
        return f"{line}: {_short(was)}  ->  {_short(now)}"


@dataclass
class Trial:
    """A run that is on."""

    job: Job
    until: float


@dataclass
class Score:
    """What became of the mutants of a file."""

    killed: int = 0
    survivors: list[Job] = field(default_factory=list)

    def __str__(self) -> str:
        """Tell the share that was noticed."""
        count = self.killed + len(self.survivors)
        share = 100 * self.killed / count if count else 100
        return f"{share:5.1f} %  {self.killed:4} of {count:4}"


def main() -> int:
    """Make the mutants, try them, tell; 1 if too few are noticed."""
    arguments = _arguments()
    paths = files(arguments.files)
    with tempfile.TemporaryDirectory(prefix="wattbus-mutation-") as folder:
        # What is compiled once; nothing of it is left behind.
        sys.dont_write_bytecode, sys.pycache_prefix = False, folder
        for name in _NEEDED:
            import_module(name)
        tests = _trace(paths, Path(folder), arguments.workers)
        # The tests collect the garbage of one another: none of it is from here.
        gc.freeze()
        jobs = [job for path in paths for job in _jobs(path, tests)]
        if arguments.sample is not None and arguments.sample < len(jobs):
            print(f"{arguments.sample} of {len(jobs)}, with --seed {arguments.seed}")
            jobs = random.Random(arguments.seed).sample(jobs, arguments.sample)
        _try(jobs, arguments.workers)
    return _tell(paths, jobs, arguments.least)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/mutate", description=__doc__)
    parser.add_argument("files", nargs="*", help="all that should be held if none")
    parser.add_argument("--sample", type=int, help="try so many of the mutants only")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--least", type=float, default=85, help="the share, in %%")
    return parser.parse_args()


def _trace(paths: list[str], folder: Path, workers: int) -> dict[str, Any]:
    """Find out which tests run which lines."""
    found = list(dict.fromkeys(test for path in paths for test in test_files(path)))
    print(f"Looking at what the tests in {len(found)} files run", flush=True)
    parts = [part for i in range(workers) if (part := found[i::workers])]
    results = [folder / f"trace-{index}" for index in range(len(parts))]
    running = [
        fork(partial(traced, part, paths, to))
        for part, to in zip(parts, results, strict=True)
    ]
    for pid in running:
        os.waitpid(pid, 0)
    tests: dict[str, Any] = {}
    for result in results:
        told = json.loads(result.read_text("utf-8"))
        tests |= told["tests"]
        for name in told["modules"]:
            if name.startswith("homeassistant."):
                import_module(name)
    for name, test in tests.items():
        if not test["works"]:
            print(f"Without: {name}")
    working = {name: test for name, test in tests.items() if test["works"]}
    if not working:
        sys.exit("No test works, also without a fault")
    return working


def _jobs(path: str, tests: dict[str, Any]) -> Iterator[Job]:
    """Give the mutants of a file that are faults, with their tests, fast ones first."""
    command = [
        str(_MUTMUT),
        str(Path(__file__).parent / "mutants.py"),
        str(ROOT / path),
    ]
    mutants = json.loads(subprocess.check_output(command))
    of_lines: dict[int, set[str]] = {}
    for name, test in tests.items():
        for file, line in test["lines"]:
            if file == path:
                of_lines.setdefault(line, set()).add(name)
    here = set(test_files(path))
    everybody = {name for name in tests if name.partition("::")[0] in here}
    none = equivalent()
    for mutant in mutants:
        if (path, mutant["was"], mutant["now"]) in none:
            continue
        lines = range(mutant["first"], mutant["last"] + 1)
        # What runs in no test runs at the import, or in what a decorator has made.
        concerned = set().union(*(of_lines.get(line, ()) for line in lines))
        names = sorted(concerned or everybody, key=lambda name: tests[name]["seconds"])
        seconds = sum(tests[name]["seconds"] for name in names)
        yield Job(path, mutant, names, seconds)


def _try(jobs: list[Job], workers: int) -> None:
    """Run the tests with each of the mutants."""
    waiting = [job for job in reversed(jobs) if job.tests]
    running: dict[int, Trial] = {}
    while waiting or running:
        while waiting and len(running) < workers:
            job = waiting.pop()
            pid = fork(partial(tried, job.mutant, job.path, job.tests))
            until = time.monotonic() + _START + _TIMES * job.seconds
            running[pid] = Trial(job, until)
        for pid, trial in list(running.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if not ended and time.monotonic() < trial.until:
                continue
            _end(pid)
            if not ended:
                _, status = os.waitpid(pid, 0)
            del running[pid]
            trial.job.killed = status != 0
            if not trial.job.killed:
                left = len(waiting) + len(running)
                print(f"{trial.job}  ({left} to go)", flush=True)
        time.sleep(0.02)


def _end(group: int) -> None:
    """End what is left of a run, as a broker that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _tell(paths: list[str], jobs: list[Job], least: float) -> int:
    scores = {path: Score() for path in paths}
    for job in jobs:
        if job.killed:
            scores[job.path].killed += 1
        else:
            scores[job.path].survivors.append(job)
    total = Score()
    for path, score in scores.items():
        print(f"{score}  {path}")
        total.killed += score.killed
        total.survivors += score.survivors
    print(f"{total}  in all")
    enough = total.killed * 100 >= least * (total.killed + len(total.survivors))
    return 0 if enough else 1


def _short(text: str, most: int = 90) -> str:
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}"


if __name__ == "__main__":
    sys.exit(main())
