"""``learnsys complete``: complete, name, point at what is unusual; other parts are mounted, not imported."""

from cyclopts import App

app = App(name="complete", help="What code comes next; what to call this; what looks unusual.")
