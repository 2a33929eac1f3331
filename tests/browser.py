"""A headless Chromium that opens a file and tells what it saw."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import sync_playwright

# No background traffic of the browser's own: what is left is the page's.
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
INSTALLED = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@dataclass
class Seen:
    """What a page did."""

    title: str = ""
    drawn: list[str] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    text: str = ""


def opened(path: Path) -> Seen:
    """Open ``path`` and wait until every chart is drawn or has failed."""
    seen = Seen()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=INSTALLED, args=list(FLAGS))
        page = browser.new_page()
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("console", lambda message: seen.console.append(message.text))
        page.on("pageerror", lambda error: seen.console.append(str(error)))
        page.goto(path.resolve().as_uri())
        page.wait_for_function("[...document.querySelectorAll('figure')].every(f => f.dataset.drawn)", timeout=60_000)
        figures = page.query_selector_all("figure")
        seen.drawn = [str(f.get_attribute("data-drawn")) for f in figures]
        seen.marks = [
            len(f.query_selector_all("svg .mark-line > path, svg .mark-symbol > path, svg .mark-rect > path"))
            for f in figures
        ]
        seen.title, seen.text = page.title(), page.inner_text("body")
        browser.close()
    return seen
