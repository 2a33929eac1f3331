"""The folders of the editor, a project for each."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import final

from learnsys.complete.lsp.types import AbstractProject


@final
class Projects:
    """One project for each folder, made when it is first needed, and one for files that are in no folder."""

    def __init__(self, made: Callable[[Path | None], AbstractProject]) -> None:
        self._made = made
        self._projects: dict[Path | None, AbstractProject | None] = {None: None}
        self._lock = threading.Lock()

    def add(self, folder: Path) -> bool:
        """Take in a folder; False if it is there already."""
        with self._lock:
            new = folder not in self._projects
            self._projects.setdefault(folder, None)
            return new

    def remove(self, folder: Path) -> None:
        """Let go of a folder; its files are then in none."""
        with self._lock:
            self._projects.pop(folder, None)

    def of(self, path: Path) -> AbstractProject:
        """Return the project of the innermost folder that holds a path."""
        with self._lock:
            inside = [folder for folder in self._projects if folder is not None and path.is_relative_to(folder)]
            folder = max(inside, key=lambda folder: len(folder.parts), default=None)
            if (project := self._projects[folder]) is None:
                project = self._projects[folder] = self._made(folder)
            return project
