"""Running a program of others."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any, Protocol

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".cache/venv/oracles/bin/python"
PROGRAMS = Path(__file__).with_name("programs")
SECONDS = 60


class Oracle(Protocol):
    """Runs a script of `programs` and gives the JSON that it printed."""

    async def __call__(self, program: str, *arguments: str, told: Any = None) -> Any:
        """Run it with arguments, and JSON on its standard input."""


@pytest.fixture
def oracle(socket_enabled: None) -> Oracle:
    """Give a way to ask the programs; skipped without them, but not in CI."""
    if not PYTHON.exists():
        message = "the programs are not there: run script/setup oracles"
        if os.environ.get("WATTBUS_ORACLES"):
            pytest.fail(message)
        pytest.skip(message)

    async def ask(program: str, *arguments: str, told: Any = None) -> Any:
        process = await asyncio.create_subprocess_exec(
            *(PYTHON, "-I", PROGRAMS / f"{program}.py", *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(SECONDS):
                output, errors = await process.communicate(json.dumps(told).encode())
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0, errors.decode(errors="replace")[-2000:]
        return json.loads(output)

    return ask
