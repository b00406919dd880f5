"""Which tests concern which file, and which mutants are none.

Of the tests named here, each mutant meets those that run its line.
"""

from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
import tomllib
from typing import Any, Final

from .trial import ROOT

PACKAGE: Final = "custom_components/wattbus"

# Files, from the package on, and their tests, from the folder of the tests on. A file
# that has none here is held by those in the folder, or of the name, that it has.
_TESTS: Final[dict[str, tuple[str, ...]]] = {
    "counter.py": ("test_counter.py",),
    "device.py": ("test_device.py", "test_hub*.py"),
    "entities.py": ("test_hub*.py", "test_options_flow.py"),
    "entity.py": ("test_hub*.py",),
    "feeds.py": ("test_feeds*.py", "families/openwb/test_feeds.py"),
    "hub.py": ("test_hub*.py", "test_feeds.py", "test_diagnostics.py"),
    "presence.py": ("test_presence.py", "test_hub*.py"),
    "transports/http.py": ("transports/http",),
    "transports/tcp.py": ("transports/test_tcp.py",),
    "transports/mqtt/*": ("transports/mqtt",),
}

# What `script/mutate` looks at when it is told nothing.
FILES: Final = (
    "counter.py",
    "device.py",
    "entities.py",
    "feeds.py",
    "hub.py",
    "presence.py",
    "transports/**/*.py",
    "families/*/commands.py",
)


def files(patterns: list[str]) -> list[str]:
    """Give the files that are meant, from the root on."""
    if patterns:
        return [str(Path(item).resolve().relative_to(ROOT)) for item in patterns]
    package = ROOT / PACKAGE
    found = (path for pattern in FILES for path in sorted(package.glob(pattern)))
    return [str(path.relative_to(ROOT)) for path in found]


def test_files(path: str) -> list[str]:
    """Give the files of the tests that concern a file."""
    tests = ROOT / "tests"
    return sorted(
        str(file.relative_to(ROOT))
        for pattern in _patterns(path.removeprefix(f"{PACKAGE}/"))
        for found in tests.glob(pattern)
        for file in ([found] if found.is_file() else found.rglob("test_*.py"))
    )


def _patterns(path: str) -> tuple[str, ...]:
    for pattern, tests in _TESTS.items():
        if fnmatch(path, pattern):
            return tests
    file = Path(path)
    return (f"{file.parent}/test_{file.stem}*.py", str(file.parent))


def equivalent() -> set[tuple[str, str, str]]:
    """Give the mutants that do what the code does: file, what was, what is now."""
    table: dict[str, list[dict[str, Any]]] = tomllib.loads(
        (Path(__file__).parent / "equivalent.toml").read_text("utf-8")
    )

    def each() -> Iterator[tuple[str, str, str]]:
        for path, mutants in table.items():
            for mutant in mutants:
                yield f"{PACKAGE}/{path}", mutant["was"], mutant["now"]

    return set(each())
