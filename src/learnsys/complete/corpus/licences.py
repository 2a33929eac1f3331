"""Whether sources may train a model that is given away: what a package declares, and what a file says itself.

A package under a permissive licence can carry files of others that are not, such as a vendored library under the LGPL:
each file that names a copyleft licence in its head, and no permissive one beside it, is left out.
"""

import json
import re
from collections.abc import Iterable
from typing import Final

from learnsys.complete.corpus.types import Package
from learnsys.core.errors import InputError, WorkFailed

PERMISSIVE: Final = frozenset({
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "ISC", "MIT", "MIT-0", "PSF-2.0",
    "Unlicense", "Zlib", "LicenseRef-Matplotlib", "LicenseRef-Repoze-BSD-derived",
})  # fmt: skip
_HEAD: Final = 4000  # characters in which a file says its licence
_COPYLEFT: Final = re.compile(
    r"GNU\W+(?:(?:Lesser|Library|Affero)\W+)?General\W+Public|\b[AL]?GPL(?:v?\d|\b)|Mozilla\W+Public\W+Licen[cs]e"
    r"|Eclipse\W+Public\W+Licen[cs]e|Common\W+Development\W+and\W+Distribution"
)  # fmt: skip
_PERMITS: Final = re.compile(r"\bApache\b|\bMIT\b|\bBSD\b|\bBoost\b|Redistribution and use in source and binary")
_FAMILIES: Final = {
    "MIT": r"\bMIT\b|\bExpat\b|Permission is hereby granted, free of charge",
    "BSD": r"BSD|Redistribution and use in source and binary forms",
    "Apache": r"Apache",
    "ISC": r"\bISC\b",
    "Boost": r"\bBSL\b|\bBoost",
    "Python": r"PSF|Python Software Foundation|matplotlib",
    "free": r"CC0|Unlicense|Zlib",
}


def check(package: Package, files: Iterable[tuple[str, bytes]]) -> None:
    """Refuse a package whose licence is not permissive, or whose archive declares another than its list says.

    Raises
    ------
    InputError
        If the licence in the list is not known as permissive.
    WorkFailed
        If the archive declares none, or another.
    """
    if not permissive(package.licence):
        raise InputError(
            f"{package.name} has the licence {package.licence}, which is not known as permissive",
            value=package.licence,
            next=f"leave it out; permissive are {', '.join(sorted(PERMISSIVE))}",
        )
    declared = _families(found := declaration(package, files))
    if not _families(package.licence) & declared:
        raise WorkFailed(
            f"{package.name} {package.version} declares the licence {found[:80] or 'nowhere'!r}, not {package.licence}",
            value=found[:80],
            next="mend the list of packages, or leave this one out",
        )


def permissive(licence: str) -> bool:
    """Tell whether an SPDX expression allows use under permissive terms alone.

    Examples
    --------
    >>> permissive("(MIT OR GPL-3.0-or-later)"), permissive("MIT AND GPL-2.0-only")
    (True, False)
    """
    choices = licence.strip("() ").split(" OR ")
    return any(all(term in PERMISSIVE for term in choice.split(" AND ")) for choice in choices)


def copyleft(text: str) -> bool:
    """Tell whether a file says in its head that it is under a copyleft licence, and offers no permissive one.

    Examples
    --------
    >>> copyleft("// SPDX-License-Identifier: LGPL-2.1+"), copyleft("// GPLv2 or Apache 2.0, as you like")
    (True, False)
    """
    head = text[:_HEAD]
    return _COPYLEFT.search(head) is not None and _PERMITS.search(head) is None


def declaration(package: Package, files: Iterable[tuple[str, bytes]]) -> str:
    """Return what an archive says about its licence: its metadata, else its licence file or the heads of its files."""
    texts = []
    for path, content in files:
        if package.registry == "npm" and path.count("/") == 1 and path.endswith("/package.json"):
            told = json.loads(content)
            return json.dumps(told.get("license") or told.get("licenses") or "").strip('"')
        if package.registry == "pypi" and path.endswith(".dist-info/METADATA"):
            head = content.decode("utf-8", "replace").split("\n\n")[0]
            texts += re.findall(r"^(?:License(?:-Expression)?|Classifier: License ::).*$", head, re.M)
        elif package.registry == "pypi" and re.search(r"\.dist-info/.*(LICEN[CS]E|COPYING)[^/]*$", path):
            texts.append(content.decode("utf-8", "replace")[:_HEAD])
        elif package.registry == "deb" and path.endswith("/copyright"):
            whole = content.decode("utf-8", "replace")
            main = re.search(r"^Files: \*\n(?:.*\n)*?License: (.*)$", whole, re.M)
            return main[1] if main else whole[:_HEAD]
        elif package.registry == "deb" and path.endswith((".h", ".hpp")) and len(texts) < 3:  # it may lie elsewhere
            texts.append(content.decode("utf-8", "replace")[:_HEAD])
    return "\n".join(texts)


def _families(declared: str) -> set[str]:
    return {family for family, pattern in _FAMILIES.items() if re.search(pattern, declared, re.I)}
