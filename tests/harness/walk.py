"""The way through the code: the functions that a payload, or a click, passes.

`script/walk` prints it for each family.
"""

from pathlib import Path
import sys
from types import FrameType
from typing import Final, Self

CODE: Final = Path(__file__).resolve().parents[2] / "custom_components/wattbus"
_TESTS: Final = str(Path(__file__).resolve().parents[1])


class Walk:
    """Notes which functions of some code run, in the order of their first call."""

    def __init__(self, title: str, code: Path = CODE) -> None:
        """Start with none."""
        self._title = title
        self._code = code
        self.steps: dict[tuple[str, str], None] = {}
        """File and function of each."""

    def __enter__(self) -> Self:
        """Begin to note."""
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        """End that, and print the way."""
        sys.setprofile(None)
        print(self)

    def _note(self, frame: FrameType, event: str, _: object) -> None:
        if event != "call" or (frame.f_back and self._is_test(frame.f_back)):
            return  # what a test itself looks up is not on the way
        file = frame.f_code.co_filename
        if file.startswith(str(self._code)):
            name = frame.f_code.co_qualname.replace("<locals>.", "")
            if not name.endswith(">"):  # a lambda or a generator of a function's own
                self.steps[str(Path(file).relative_to(self._code)), name] = None

    def _is_test(self, frame: FrameType) -> bool:
        file = frame.f_code.co_filename
        return file.startswith(_TESTS) and not file.startswith(str(self._code))

    def __str__(self) -> str:
        """Tell the way, a line for each function."""
        files = len({file for file, _ in self.steps})
        lines = [f"  {file}: {name}" for file, name in self.steps]
        head = f"\n{self._title}: {len(self.steps)} functions in {files} files"
        return "\n".join([head, *lines])
