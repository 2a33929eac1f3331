"""What a user may set in the editor, section ``learnsys``; what is missing or wrong has its default."""

from typing import Any, Final, final

import msgspec

SECTION: Final = "learnsys"


@final
class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The settings of one editor.

    Attributes
    ----------
    completion : bool
        Offer a list of tokens.
    items : int
        Length of that list.
    inline : bool
        Offer several tokens as text at the cursor.
    naming : bool
        Offer better names as code actions.
    unusual : bool
        Mark code that surprises. Off: it is an opinion, not an error.
    """

    completion: bool = True
    items: int = 10
    inline: bool = True
    naming: bool = True
    unusual: bool = False


def settings(given: Any) -> tuple[Settings, tuple[str, ...]]:
    """Read settings; what cannot be used is told in words and left at its default.

    Examples
    --------
    >>> found, problems = settings({"items": 0, "unusual": True, "colour": 1})
    >>> found.items, found.unusual
    (10, True)
    >>> problems
    ('learnsys.items is 0, but must be 1 to 100', 'learnsys.colour is no setting')
    """
    if given is None:
        return Settings(), ()
    if not isinstance(given, dict):
        return Settings(), (f"{SECTION} is {given!r}, but must be an object",)
    taken: dict[str, Any] = {}
    problems: list[str] = []
    known = {field.encode_name: field for field in msgspec.structs.fields(Settings)}
    for name, value in given.items():
        if (problem := _problem(known.get(name), value)) is None:
            taken[name] = value
        else:
            problems.append(f"{SECTION}.{name} {problem}")
    return msgspec.convert(taken, Settings), tuple(problems)


def _problem(field: msgspec.structs.FieldInfo | None, value: Any) -> str | None:
    """Say why a value cannot be that of a setting."""
    if field is None:
        return "is no setting"
    if type(value) is not field.type:
        return f"is {value!r}, but must be {'true or false' if field.type is bool else 'a whole number'}"
    if field.name == "items" and not 1 <= value <= 100:
        return f"is {value}, but must be 1 to 100"
    return None
