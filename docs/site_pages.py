"""What the site has beyond the files of this folder: generated references, and pages from the repository's root.

mkdocs calls the functions (``hooks`` in ``mkdocs.yml``); ``make docs`` builds the site.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

from nordocr.cli.reference import markdown

ROOT = Path(__file__).resolve().parents[1]
FROM_ROOT = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md", "README.md": "readme.md"}
LINK = re.compile(r"\]\(([^):]+\.md)\)")
ROLE = re.compile(r":(?:class|meth|func|attr|data|mod|exc):<code>~?(?:nordocr\.)?([^<]*)</code>")
OUTSIDE = re.compile(r"\[([^\]]*)\]\((?:\.\./)+(?!docs/)[^)]*\)")

API = {
    "reader": ("Reader", ["nordocr.Reader", "nordocr.api.options.Options"]),
    "document": ("Document and Page", ["nordocr.Document", "nordocr.Page"]),
    "results": (
        "Results",
        [f"nordocr.results.{name}" for name in ("Line", "Word", "BBox", "Table", "Cell", "PageField", "Dropped")],
    ),
    "errors": ("Errors", ["nordocr.errors"]),
}  # fmt: skip

GENERATED = ["reference/commands.md", *(f"reference/{name}.md" for name in API)]


def on_config(config: Any) -> Any:
    """Take the navigation from ``index.md``: its sections, and in each the pages that it links to."""
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    nav: list[Any] = ["index.md"]
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title = section.splitlines()[0]
        pages = [FROM_ROOT.get(page.removeprefix("../"), page) for page in LINK.findall(section)]
        nav.append({title: [*pages, *GENERATED] if title == "Reference" else pages})
    nav.append({"Changes": "changelog.md"})
    config.nav = nav
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages."""
    files.append(File.generated(config, "reference/commands.md", content=markdown()))
    for name, (title, objects) in API.items():
        parts = "\n".join(f"::: {path}\n" for path in objects)
        files.append(File.generated(config, f"reference/{name}.md", content=f"# {title}\n\n{parts}"))
    for name, page in FROM_ROOT.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=text.replace("](docs/", "](").replace('src="docs/', 'src="')))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Turn links that leave this folder into links within the site, or into plain text."""
    for name, target in FROM_ROOT.items():
        up = "../" * page.file.src_uri.count("/")
        markdown = re.sub(rf"\]\((?:\.\./)*{re.escape(name)}", f"]({up}{target}", markdown)
    inside = markdown if page.file.src_uri not in FROM_ROOT.values() else _without_files(markdown)
    return OUTSIDE.sub(r"\1", inside)


def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:
    """Take the roles off names in docstrings, which mkdocstrings leaves as they are: ``:meth:`` before a name."""
    return ROLE.sub(r"<code>\1</code>", html)


def _without_files(markdown: str) -> str:
    """Turn a root page's links to files that are not part of the site into plain text."""

    def kept(match: re.Match[str]) -> str:
        target = match[2].split("#")[0]
        if "://" in target or not target or target in FROM_ROOT.values() or (ROOT / "docs" / target).exists():
            return match[0]
        return match[1]

    return re.sub(r"(?<!!)\[([^\]]*)\]\(([^)]*)\)", kept, markdown)
