"""Checks of what a person wants a device to be sent, with errors that they understand."""

from collections.abc import Collection

from . import InputError

# Beyond it no device counts.
_LARGEST = 2**63


def check_boolean(value: object, field: str) -> bool:
    """Give a value that is true or false. Raises InputError."""
    if not isinstance(value, bool):
        raise InputError("not_true_or_false", field=field)
    return value


def check_number(
    value: object,
    field: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    whole: bool = False,
    choices: Collection[object] = (),
) -> float:
    """Give a number within the limits, or among the choices beside them.

    Raises InputError.
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not abs(value) < _LARGEST  # so it is finite, too
    ):
        raise InputError("not_a_number", field=field)
    if whole:
        if value != int(value):
            raise InputError("not_whole", field=field)
        value = int(value)
    if value in choices:
        return value
    if choices and minimum is None and maximum is None:
        raise InputError("not_a_choice", field=field, choices=_listed(choices))
    below = minimum is not None and value < minimum
    above = maximum is not None and value > maximum
    if (below or above) and minimum is not None and maximum is not None:
        raise InputError(
            "out_of_range", field=field, minimum=f"{minimum:g}", maximum=f"{maximum:g}"
        )
    if below:
        raise InputError("too_small", field=field, minimum=f"{minimum:g}")
    if above:
        raise InputError("too_large", field=field, maximum=f"{maximum:g}")
    return value


def check_text(
    value: object, field: str, *, longest: int, choices: Collection[str] = ()
) -> str:
    """Give a text that is among the choices or, without those, short and printable.

    Raises InputError.
    """
    if choices and value not in choices:
        raise InputError("not_a_choice", field=field, choices=_listed(choices))
    if isinstance(value, str) and value.isprintable() and 0 < len(value) <= longest:
        return value
    raise InputError("text_unusable", field=field, longest=longest)


def _listed(choices: Collection[object]) -> str:
    return ", ".join(map(str, choices))
