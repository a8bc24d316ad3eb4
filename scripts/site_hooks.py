"""What mkdocs does not do for the site: pages from the files beside docs/, links into the repository, formulas.

mkdocs loads this file by the line ``hooks`` of mkdocs.yml and calls the functions whose names begin with ``on_``.
"""

from __future__ import annotations

import posixpath
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from xml.etree import ElementTree

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from mkdocs.structure.files import File

if TYPE_CHECKING:
    import re

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent

ROOT_PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
"""Files beside docs/ that are pages of the site as they stand, and the names that they have there."""
LICENCE_PAGE = "licence.md"
_LICENCE_FILES = ("LICENSE", "NOTICE")

_EM = 100.0  # units of a formula's path in one em
_AFTER_INLINE = 5  # before mkdocs' own processor of links, at 0, which then checks what this one made
_BEFORE_CODE = 195  # inline code is 190


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add what the pages are written with."""
    extra = config.extra
    _LINKS.repository = f"{extra['repository']}/{{kind}}/{extra['branch']}/{{path}}"
    config.markdown_extensions += [_LINKS, _Formulas()]
    superfences = config.mdx_configs.setdefault("pymdownx.superfences", {})
    superfences["custom_fences"] = [{"name": "math", "class": "formula", "format": _formula_block}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that stand beside docs/."""
    for source, page in ROOT_PAGES.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / source)))
    files.append(File.generated(config, LICENCE_PAGE, content=licence_page()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - by name
    """Tell the links where they stand."""
    _LINKS.page = page.file.src_uri
    return markdown


def licence_page() -> str:
    """Return LICENSE and NOTICE as they stand, as one page."""
    parts = [f"## {name}\n\n```text\n{(ROOT / name).read_text('utf-8').strip()}\n```" for name in _LICENCE_FILES]
    return "\n\n".join(["# Licence", *parts]) + "\n"


def site_link(page: str, target: str, repository: str) -> str:
    """Return where a link leads on the site.

    Args:
        page: Where it stands, as the site calls the page.
        target: What it says, as it works in the repository.
        repository: Address of a file there, with ``{kind}`` (blob or tree) and ``{path}``.

    A page is named as the site knows it, a file that is no page by its address in the repository; what leads nowhere
    stays, and mkdocs warns of it.
    """
    path, hash_sign, anchor = target.partition("#")
    if not path or ":" in path or path.startswith("/"):
        return target
    sources = {name: source for source, name in ROOT_PAGES.items()}
    source = sources.get(page, page if page == LICENCE_PAGE else f"docs/{page}")
    found = posixpath.normpath(posixpath.join(posixpath.dirname(source), unquote(path)))
    pages = ROOT_PAGES | dict.fromkeys(_LICENCE_FILES, LICENCE_PAGE)
    if found in pages or found.startswith("docs/"):
        name = pages.get(found) or found.removeprefix("docs/")
        return posixpath.relpath(name, posixpath.dirname(page) or ".") + hash_sign + anchor
    if found.startswith("..") or not (ROOT / found).exists():
        return target
    return repository.format(kind="tree" if (ROOT / found).is_dir() else "blob", path=found) + hash_sign + anchor


class _RepositoryLinks(Extension):  # type: ignore[misc]  # Markdown ships no types
    """Makes links that work in the repository work on the site."""

    repository = ""
    page = ""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name that Markdown calls
        md.treeprocessors.register(_LinkProcessor(md, self), "repository_links", _AFTER_INLINE)


_LINKS = _RepositoryLinks()  # mkdocs calls functions, so what they share stands here


class _LinkProcessor(Treeprocessor):  # type: ignore[misc]  # Markdown ships no types
    def __init__(self, md: Markdown, links: _RepositoryLinks) -> None:
        super().__init__(md)
        self._links = links

    def run(self, root: ElementTree.Element) -> None:
        for element in root.iter():
            for name in ("href", "src"):
                target = element.get(name)
                if target:
                    element.set(name, site_link(self._links.page, target, self._links.repository))


class _Formulas(Extension):  # type: ignore[misc]  # Markdown ships no types
    """Draws what GitHub takes for a formula in a line: $`x`$."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name that Markdown calls
        md.inlinePatterns.register(_FormulaPattern(r"\$`([^`]+)`\$", md), "formula", _BEFORE_CODE)


class _FormulaPattern(InlineProcessor):  # type: ignore[misc]  # Markdown ships no types
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[ElementTree.Element, int, int]:  # noqa: ARG002, N802 - as Markdown calls it
        return ElementTree.fromstring(formula(m.group(1))), m.start(0), m.end(0)


def _formula_block(source: str, *_: Any, **__: Any) -> str:
    return f'<p class="formula">{formula(source.strip())}</p>'


@cache
def formula(source: str) -> str:
    """Return a formula as an SVG element as high as its line: paths, so that it needs no font and no script.

    Raises:
        ValueError: matplotlib does not know the notation.
    """
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    drawn = TextPath((0, 0), f"${source}$", size=_EM, prop=FontProperties(math_fontfamily="stix"))
    box = drawn.get_extents()
    element = ElementTree.Element(
        "svg",
        {
            "class": "formula",
            "role": "img",
            "aria-label": source,
            "viewBox": f"{box.x0:.0f} {-box.y1:.0f} {box.width:.0f} {box.height:.0f}",
            "style": f"width:{box.width / _EM:.2f}em;height:{box.height / _EM:.2f}em;"
            f"vertical-align:{box.y0 / _EM:.2f}em",
        },
    )
    ElementTree.SubElement(element, "path", {"d": _path_data(drawn)})
    return ElementTree.tostring(element, encoding="unicode")


def _path_data(drawn: Any) -> str:
    letters = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}  # matplotlib.path.Path.MOVETO and so on
    parts = []
    for points, code in drawn.iter_segments(simplify=False):
        pairs = [] if code == 79 else [f"{x:.1f} {-y:.1f}" for x, y in points.reshape(-1, 2)]
        parts.append(letters[int(code)] + " ".join(pairs))
    return "".join(parts)
