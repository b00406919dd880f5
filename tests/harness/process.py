"""A child process whose output goes to a file, and which is always ended."""

from contextlib import suppress
import os
from pathlib import Path
import signal
import subprocess

from .waiting import until


class ChildProcess:
    """One child process of our own, ended by its id and nothing else."""

    def __init__(self, name: str, log: Path) -> None:
        """Remember what to call it and where its output goes."""
        self.name = name
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Return the process id, None when nothing runs."""
        return self._process.pid if self._process and self.running else None

    @property
    def running(self) -> bool:
        """Tell whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """Return how the process ended, None while it runs."""
        return self._process.poll() if self._process else None

    def start(
        self,
        command: list[str],
        *,
        environment: dict[str, str] | None = None,
        directory: Path | None = None,
    ) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches only its parent."""
        if self.running:
            raise RuntimeError(f"{self.name} runs already")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        # A restart appends, another day starts afresh.
        with self.log.open("ab" if self._process else "wb") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
                cwd=directory,
                start_new_session=True,
            )

    def stop(self, seconds: float = 10) -> int | None:
        """Ask it to end, and kill it only when it does not."""
        self.terminate()
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
        self.kill()
        return self.exit_code

    async def async_stop(self, seconds: float = 10) -> int | None:
        """Do the same without holding up the event loop, and without a thread."""
        self.terminate()
        with suppress(TimeoutError):
            await until(lambda: not self.running, seconds)
        self.kill()
        return self.exit_code

    def terminate(self) -> None:
        """Ask it to end."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End it without a warning, as a power cut does."""
        self._send(signal.SIGKILL)
        if self._process:
            self._process.wait()

    def freeze(self, frozen: bool = True) -> None:
        """Stop or continue it, as an overloaded machine does."""
        self._send(signal.SIGSTOP if frozen else signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(number)

    def text(self) -> str:
        """Return what it has printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def tail(self, lines: int = 15) -> str:
        """Return the last lines that it has printed."""
        return "\n".join(self.text().splitlines()[-lines:])

    def cpu_seconds(self) -> float:
        """Return the processor time that it has used (Linux)."""
        stat = Path(f"/proc/{self.pid}/stat").read_text()
        # The name, in brackets, may hold spaces: count from behind it.
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
