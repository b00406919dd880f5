"""One run of tests in a process of its own, forked from one that has all of it imported.

The process that forks has not imported Wattbus: so each run imports it anew, and one
module of it in another form.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
import json
import os
from pathlib import Path
import signal
import sys
import time
from types import CodeType
from typing import Any, Final, override

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
_OPTIONS: Final = ("-q", "-x", "-n0", "-p", "no:cacheprovider")

# One of the numbers that Python leaves to tools that look at a program.
_TOOL: Final = 4


class Mutation(SourceFileLoader):
    """Imports one module from another source than its file."""

    def __init__(self, path: str, source: str) -> None:
        """Prepare for the module whose file is at `path`, from the root on."""
        parts = Path(path).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        super().__init__(name, str(ROOT / path))
        self._source = source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: Any = None
    ) -> ModuleSpec | None:
        """Say that the module is to be had here; Python asks, as a part of its path."""
        if fullname != self.name:
            return None
        return spec_from_file_location(fullname, self.path, loader=self)

    @override
    def get_code(self, fullname: str) -> CodeType:
        return compile(self._source, self.path, "exec", dont_inherit=True)


class Selection:
    """Runs some tests, in this order; a part of pytest."""

    def __init__(self, tests: Sequence[str]) -> None:
        """Prepare for tests by their ids."""
        self._order = {test: index for index, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out the others."""
        wanted = [item for item in items if item.nodeid in self._order]
        items[:] = sorted(wanted, key=lambda item: self._order[item.nodeid])


class Trace:
    """Notes which tests run which lines of some files; a part of pytest."""

    def __init__(self, paths: Sequence[str]) -> None:
        """Prepare for files, from the root on."""
        self.tests: dict[str, dict[str, Any]] = {}
        self._paths = {str(ROOT / path): path for path in paths}
        self._lines: set[tuple[str, int]] = set()
        monitoring = sys.monitoring
        monitoring.use_tool_id(_TOOL, "mutation")
        monitoring.register_callback(_TOOL, monitoring.events.LINE, self._line)
        monitoring.set_events(_TOOL, monitoring.events.LINE)

    def _line(self, code: CodeType, line: int) -> object:
        if path := self._paths.get(code.co_filename):
            self._lines.add((path, line))
        return sys.monitoring.DISABLE  # until the next test

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Note the lines of one test."""
        self._lines.clear()
        sys.monitoring.restart_events()
        start = time.monotonic()
        result = yield
        test = self.tests.setdefault(item.nodeid, {"works": True})
        test["seconds"] = time.monotonic() - start
        test["lines"] = sorted(self._lines)
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note whether it works."""
        if report.failed or report.skipped:
            self.tests.setdefault(report.nodeid, {})["works"] = False


def fork(run: Callable[[], int]) -> int:
    """Run something, unheard, in a process and a session of its own; gives its id."""
    if pid := os.fork():
        return pid
    status = 1
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        status = run()
    finally:
        os._exit(status)


def traced(files: Sequence[str], paths: Sequence[str], result: Path) -> int:
    """Run test files, and write down which lines of `paths` their tests run."""
    trace = Trace(paths)
    options = [option for option in _OPTIONS if option != "-x"]
    pytest.main([*options, *files], [trace])
    found = {"tests": trace.tests, "modules": sorted(sys.modules)}
    result.write_text(json.dumps(found), "utf-8")
    return 0


def tried(mutant: Mapping[str, Any], path: str, tests: Sequence[str]) -> int:
    """Run tests with a mutant in the place of a file; 0: none of them notices."""
    sys.meta_path.insert(0, Mutation(path, mutant["source"]))
    files = dict.fromkeys(test.partition("::")[0] for test in tests)
    return int(pytest.main([*_OPTIONS, *files], [Selection(tests)]))
