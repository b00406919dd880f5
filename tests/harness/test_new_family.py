"""A family that `script/new-family` makes runs, in a copy of the repository."""

from collections.abc import Sequence
import os
from pathlib import Path
import shutil
import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.new_family,
    pytest.mark.xdist_group("new_family"),
    pytest.mark.timeout(900),
]

ROOT = Path(__file__).resolve().parents[2]
KEY = "heater9"
# Quick to begin with where they know the code already.
CACHES = (".mypy_cache", ".import_linter_cache")
CHECKS = {
    "style": ("-m", "ruff", "check", "."),
    "format": ("-m", "ruff", "format", "--check", "."),
    "types": ("-m", "mypy"),
    "layers": ("-c", "from importlinter.cli import lint_imports_command as f; f()"),
    "spelling": ("-m", "codespell_lib"),
    "derived": ("-m", "tests.harness.derived"),
    "tests": (
        *("-m", "pytest", "-q", "--numprocesses", "2"),
        *(f"tests/families/{KEY}", f"tests/protocols/test_{KEY}.py"),
        *("tests/test_docs.py", "tests/test_metadata.py", "tests/test_texts.py"),
        *("tests/test_texts_errors.py", "tests/test_texts_flows.py"),
        "tests/test_texts_icons.py",
    ),
}


def _run(folder: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith("PYTEST")
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a family in a copy of the repository."""
    folder = tmp_path_factory.mktemp("copy") / "repository"
    ignored = shutil.ignore_patterns(".git", ".cache", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, folder, ignore=ignored)
    for cache in CACHES:
        if (ROOT / cache).exists():
            shutil.copytree(ROOT / cache, folder / cache)
    (folder / ".cache").symlink_to(ROOT / ".cache")  # for the broker
    made = _run(folder, ("-m", "tests.harness.new_family", KEY, "Boiler 9"))
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


@pytest.mark.parametrize("check", CHECKS)
def test_new_family_passes(copy: Path, check: str) -> None:
    done = _run(copy, CHECKS[check])
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_the_shared_lists_are_touched(copy: Path) -> None:
    """Beside its own files: the registry, its texts, the changelog, what is derived."""
    touched = {
        str(path.relative_to(ROOT))
        for folder in ("custom_components", "tests", "docs", ".github")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and path.read_bytes() != (copy / path.relative_to(ROOT)).read_bytes()
    }
    assert touched == {
        "custom_components/wattbus/families/__init__.py",
        "custom_components/wattbus/translations/en.json",
        ".github/ISSUE_TEMPLATE/bug.yml",
    }
