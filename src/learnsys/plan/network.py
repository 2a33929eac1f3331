"""Seconds that a round spends on the network of a cluster: latency and bandwidth, the alpha-beta model.

    t(p) = 2 alpha + p b beta,    p > 1

alpha the latency of a message [s], beta the seconds of a byte, b the bytes that the driver exchanges with one worker
in a round: messages to the workers leave together, but their bytes share the driver's link.
"""

import re
from typing import Final

from learnsys.core.errors import InputError
from learnsys.core.trace import Network
from learnsys.core.units import parse_duration, parse_size

LATENCY_S: Final = 1e-4
_BITS: Final = {"kbps": 1e3, "mbps": 1e6, "gbps": 1e9}


def parse_network(text: str | Network) -> Network:
    """Read a network.

    Parameters
    ----------
    text : str or Network
        A bandwidth, ``"10gbps"`` (bits) or ``"1GB"`` (bytes a second), with the latency of a message before it if
        it is known: ``"50us,10gbps"``. Without one, 100 us are assumed, and the answer says so.

    Raises
    ------
    InputError
        If the text is no network, or a part is not positive.

    Examples
    --------
    >>> network = parse_network("1ms,10gbps")
    >>> network.latency_s, network.bytes_s, network.source
    (0.001, 1250000000.0, 'given: 1ms,10gbps')
    """
    if isinstance(text, Network):
        return text
    latency, comma, bandwidth = text.rpartition(",")
    try:
        latency_s = parse_duration(latency) if comma else LATENCY_S
        bytes_s = _bytes_s(bandwidth.strip())
    except InputError as error:
        raise InputError(f"{text!r} is no network", value=text, next="write 10gbps or 50us,10gbps") from error
    if not (bytes_s > 0 and latency_s >= 0):
        raise InputError(f"network {text!r} has no bandwidth", value=text, next="write 10gbps or 50us,10gbps")
    return Network(
        latency_s=latency_s, bytes_s=bytes_s, source=f"given: {text}" + ("" if comma else ", 100 us a message assumed")
    )


def network_s(network: Network, workers: int, worker_bytes: float) -> float:
    """Predict the seconds that one round spends on the network.

    Parameters
    ----------
    network : Network
        Latency and bandwidth between driver and workers.
    workers : int
        Workers p >= 1; a single one shares the driver's machine and sends nothing.
    worker_bytes : float
        Bytes that the driver sends to and receives from one worker in a round.

    References
    ----------
    Hockney, "The communication challenge for MPP", Parallel Computing 20 (1994).
    """
    return 0.0 if workers == 1 else 2 * network.latency_s + workers * worker_bytes / network.bytes_s


def _bytes_s(text: str) -> float:
    match = re.fullmatch(r"([\d.]+(?:e[+-]?\d+)?)\s*([kmg]bps)", text.lower())
    if match is None:
        return float(parse_size(text.removesuffix("/s")))
    try:
        return float(match[1]) * _BITS[match[2]] / 8
    except ValueError as error:
        raise InputError(f"{text!r} is no bandwidth", value=text) from error
