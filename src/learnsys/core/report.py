"""One self-contained html file from texts, tables and charts: it opens offline and asks nobody for anything."""

import html
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, final

import msgspec

from learnsys.core.errors import MissingExtra
from learnsys.core.files import write_atomic
from learnsys.core.table import Table

if TYPE_CHECKING:
    import altair as alt


@final
class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A heading with a paragraph below; either may be empty."""

    heading: str = ""
    body: str = ""


_STYLE: Final = """
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 68rem; padding: 2rem 1.5rem 4rem; color: #1c2429; background: #fff;
       font: 16px/1.55 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .2rem; } h2 { font-size: 1.2rem; margin: 2.4rem 0 .3rem; }
p { max-width: 46rem; margin: .3rem 0 .8rem; color: #3a444b; }
.scroll, figure { overflow-x: auto; margin: .8rem 0; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid #e3e8ec; text-align: right; white-space: nowrap; }
th { color: #5d6971; font-weight: 600; } .text { text-align: left; }
tr.chosen { background: #eef6f9; font-weight: 600; } figcaption, .note { color: #5d6971; font-size: .88rem; }
footer { margin-top: 3rem; color: #5d6971; font-size: .85rem; }
"""

# A chart that fails to draw says so in its place, and on its element, where a test can see it.
_DRAW: Final = """
for (const node of document.querySelectorAll("figure[data-spec]")) {
  const spec = JSON.parse(document.getElementById(node.dataset.spec).textContent);
  vegaEmbed(node.querySelector("div"), spec, {renderer: "svg", actions: {export: true, source: false,
    compiled: false, editor: false}})
    .then(() => { node.dataset.drawn = "yes"; })
    .catch((error) => { node.dataset.drawn = "no"; node.querySelector("div").textContent = String(error);
                        console.error(error); });
}
"""


def report_html(title: str, blocks: Sequence["Text | Table | alt.Chart"], *, footer: str = "") -> str:
    """Compose the page.

    Parameters
    ----------
    title : str
        Its heading.
    blocks : sequence of Text, Table or altair.Chart
        Its content from top to bottom.
    footer : str, optional
        A last line, such as where and when it was measured.

    Returns
    -------
    str
        HTML with style, Vega and data inside.
    """
    try:
        import vl_convert
    except ImportError as error:
        raise MissingExtra.of("vl-convert-python", "charts") from error
    body = "\n".join(_block(i, block) for i, block in enumerate(blocks))
    bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", "<\\/script")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head>\n<body>"
        f"<h1>{html.escape(title)}</h1>\n{body}\n<footer>{html.escape(footer)}</footer>\n"
        f'<script type="module">{bundle}\n{_DRAW}</script></body></html>\n'
    )


def write_report(path: Path, title: str, blocks: Sequence["Text | Table | alt.Chart"], *, footer: str = "") -> Path:
    """Write the page of ``report_html`` to ``path``."""
    return write_atomic(path, report_html(title, blocks, footer=footer))


def _block(index: int, block: "Text | Table | alt.Chart") -> str:
    if isinstance(block, Text):
        heading = f"<h2>{html.escape(block.heading)}</h2>" if block.heading else ""
        return heading + (f"<p>{html.escape(block.body)}</p>" if block.body else "")
    if isinstance(block, Table):
        return _table(block)
    # msgspec writes what JSON lacks (infinity, not a number) as null, which Vega leaves out.
    spec = msgspec.json.encode(block.to_dict()).decode().replace("</", "<\\/")
    return (
        f'<figure data-spec="spec{index}"><div></div></figure>'
        f'<script type="application/json" id="spec{index}">{spec}</script>'
    )


def _table(table: Table) -> str:
    classes = ["text" if c.kind in ("text", "flag") else "number" for c in table.columns]

    def row(cells: Sequence[str], tag: str) -> str:
        return "".join(f'<{tag} class="{k}">{html.escape(c)}</{tag}>' for k, c in zip(classes, cells, strict=True))

    title = f"<h2>{html.escape(table.title)}</h2>" if table.title else ""
    chosen = ' class="chosen"'
    head = row([c.name for c in table.columns], "th")
    body = "".join(f"<tr{chosen if cells[:1] == ['>'] else ''}>{row(cells, 'td')}</tr>" for cells in table.text())
    notes = "".join(f'<p class="note">{html.escape(note)}</p>' for note in table.notes)
    return f'{title}<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{notes}'
