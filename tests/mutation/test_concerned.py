"""What `script/mutate` goes by names what is there."""

import pytest

from . import concerned
from .trial import ROOT


@pytest.mark.parametrize("path", concerned.files([]))
def test_a_file_has_tests(path: str) -> None:
    assert concerned.test_files(path)


def test_what_is_equivalent_is_of_the_code_as_it_is() -> None:
    for path, was, _ in concerned.equivalent():
        code = " ".join((ROOT / path).read_text("utf-8").split())
        assert was in code, f"{path}: {was}"
