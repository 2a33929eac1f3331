"""The desk's second tenant: the model of Python that ships completes the code of a client that asks the first one."""

from typing import Final

from learnsys.complete import Session, Suggestions

CLIENT: Final = '''"""Ask the served model which flights will be late."""

import json
from urllib.request import Request, urlopen


def late(url, flights):
    """Return the probability of each flight."""
    tensor = {"name": "x", "datatype": "FP32", "shape": [len(flights), len('''


def complete_client() -> Suggestions:
    """Suggest what comes next at the end of `CLIENT`, which nobody has finished writing."""
    return Session(language="py").open("client.py", CLIENT).suggest(len(CLIENT))
