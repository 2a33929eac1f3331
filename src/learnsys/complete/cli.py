"""``learnsys complete``: complete, name, point at what is unusual; other parts are mounted, not imported."""

from cyclopts import App

app = App(name="complete", help="What code comes next; what to call this; what looks unusual.")
app.command("learnsys.complete.corpus.cli:app", name="corpus", help="Corpora of pinned packages or your own folders.")
app.command("learnsys.complete.train.cli:app", name="train", help="Train a model of code on a folder or a corpus.")
app.command("learnsys.complete.names.cli:names", name="names", help="Better names for variables and routines.")
app.command("learnsys.complete.names.cli:train_names", name="train-names", help="Train a model of names on a corpus.")
