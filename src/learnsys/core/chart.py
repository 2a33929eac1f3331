"""One look for all charts, and their export without a browser or a network.

A chart is an Altair chart; ``vl-convert`` carries Vega, so svg, png and html are made offline.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from learnsys.core.errors import InputError, MissingExtra
from learnsys.core.files import write_atomic

if TYPE_CHECKING:
    import altair as alt

COLOURS: Final = ("#1f6f8b", "#d1603d", "#5b8e3e", "#8a5a9e", "#c79a2a", "#4c566a", "#b04a6f", "#2a9d8f")
SUFFIXES: Final = (".svg", ".png", ".html")
_FONT: Final = "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif"


def altair() -> Any:
    """Import Altair, or say which extra brings it."""
    try:
        import altair
    except ImportError as error:
        raise MissingExtra.of("altair", "charts") from error
    return altair


def styled(chart: "alt.Chart | alt.LayerChart | alt.HConcatChart | alt.VConcatChart | alt.FacetChart") -> "alt.Chart":
    """Give ``chart`` the house style: one palette, light grid, left titles."""
    drawn = (
        chart.configure(font=_FONT, background="white")
        .configure_range(category=list(COLOURS))
        .configure_view(stroke=None)
        .configure_axis(
            gridColor="#e8ecef", domainColor="#9aa5ad", tickColor="#9aa5ad", labelColor="#3a444b", titleColor="#3a444b"
        )
        .configure_title(anchor="start", fontSize=14, color="#1c2429", subtitleColor="#5d6971")
        .configure_legend(labelColor="#3a444b", titleColor="#3a444b")
    )
    return cast("alt.Chart", drawn)


def save_chart(chart: "alt.Chart", path: Path | str) -> Path:
    """Save ``chart`` as svg, png or one self-contained html file, by the suffix of ``path``.

    Raises
    ------
    InputError
        If the suffix is none of these.
    """
    try:
        import vl_convert
    except ImportError as error:
        raise MissingExtra.of("vl-convert-python", "charts") from error
    path, spec = Path(path), chart.to_json()
    match path.suffix:
        case ".svg":
            content: str | bytes = vl_convert.vegalite_to_svg(spec)
        case ".png":
            content = vl_convert.vegalite_to_png(spec, scale=2)
        case ".html":
            content = vl_convert.vegalite_to_html(spec, bundle=True)
        case other:
            raise InputError(f"a chart cannot be saved as {other!r}", value=other, next=f"use {', '.join(SUFFIXES)}")
    return write_atomic(path, content)
