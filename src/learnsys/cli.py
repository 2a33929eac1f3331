"""The ``learnsys`` command: mounts the commands of each room, imported when they are first called."""

import sys

from cyclopts import App

from learnsys import __version__
from learnsys.core.command import end_on_sigterm, run

app = App(
    name="learnsys",
    help="Learning Systems: plan, train with a certificate, and serve within a deadline.",
    version=__version__,
)
app.command("learnsys.core.data.cli:app", name="data", help="List and describe data sets and files.")
app.command("learnsys.machines.cli:app", name="machines", help="Choose a machine type for a job, by cost and time.")
app.command("learnsys.convex.cli:app", name="convex", help="Train linear models with a certificate.")
app.command("learnsys.loop.cli:plan", name="plan", help="Choose algorithm and workers to reach a loss soonest.")
app.command("learnsys.series.cli:app", name="series", help="How irregular series move together, and who leads.")
app.command("learnsys.complete.cli:app", name="complete", help="What code comes next, what to call it, what looks odd.")
app.command("learnsys.serve.cli:app", name="serve", help="Answer each query within a deadline.")
app.command("learnsys.loop.cli:tour", name="tour", help="Plan, train, check and serve a model of real flights.")


def main() -> None:
    """Run the command line of this process and exit with its code."""
    end_on_sigterm()
    sys.exit(run(app, sys.argv[1:]))
