"""``learnsys serve run|load``."""

from pathlib import Path
from typing import Literal

from cyclopts import App

from learnsys.serve.types import LoadReport

app = App(name="serve", help="Answer each query within a deadline.")


@app.command
def run(
    *models: Path, slo: str = "10ms", port: int = 8000, host: str = "127.0.0.1", announce: Path | None = None
) -> None:
    """Serve saved models over HTTP (Open Inference Protocol v2) until SIGTERM or Ctrl-C.

    Parameters
    ----------
    models
        Folders of saved models.
    slo
        Time from arrival to answer; a request that cannot be answered in it gets status 503.
    port
        Where to listen; 0 takes a free port.
    host
        Address to listen on.
    announce
        File that gets the server's URL once it is ready.
    """
    from learnsys.core.files import check_output
    from learnsys.serve.process import end_with_parent

    end_with_parent()
    check_output(announce)

    from learnsys.serve.server import serve

    serve(models, slo=slo, port=port, host=host, announce=announce)


@app.command
def load(
    url: str,
    *,
    model: str | None = None,
    rate: float = 200.0,
    seconds: str | None = None,
    requests: int | None = None,
    rows: int = 1,
    data: Path | None = None,
    encoding: Literal["json", "binary"] = "json",
    slo: str = "10ms",
    arrivals: Literal["poisson", "uniform"] = "poisson",
    seed: int = 0,
    connections: int = 32,
    timeout: str = "5s",
) -> LoadReport:
    """Load a server at a given rate and report latency from when each request was due.

    Parameters
    ----------
    url
        A server of the Open Inference Protocol v2.
    model
        Which of its models; not needed if it has one.
    rate
        Requests a second, whatever the answers.
    seconds
        How long; 10 s if neither this nor --requests is given.
    requests
        How many; whichever comes first.
    rows
        Rows a request.
    data
        A .npz file with an array of rows for each input; random rows without it.
    encoding
        How tensors travel.
    slo
        Latency up to which an answer counts as good.
    arrivals
        How requests fall in time.
    seed
        Of the arrivals and the random rows.
    connections
        Connections kept open.
    timeout
        When an answer is given up.
    """
    from learnsys.core.units import parse_duration
    from learnsys.serve import loadtest

    return loadtest.load(
        url,
        model=model,
        rate=rate,
        seconds=None if seconds is None else parse_duration(seconds),
        requests=requests,
        rows=rows,
        inputs=None if data is None else loadtest.read_rows(data),
        encoding=encoding,
        slo=slo,
        arrivals=arrivals,
        seed=seed,
        connections=connections,
        timeout=timeout,
    )
