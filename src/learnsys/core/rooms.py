"""The rooms that can load a model: a fixed table, so that no file ever names code to import."""

from collections.abc import Mapping
from typing import Final

ROOMS: Final[Mapping[str, str]] = {"complete": "learnsys.complete", "convex": "learnsys.convex"}
