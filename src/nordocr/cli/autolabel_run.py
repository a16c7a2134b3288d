"""What ``nordocr autolabel`` does with its options: opens engines and documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nordocr.errors import UsageError

if TYPE_CHECKING:
    from nordocr.tune.autolabel.agree import Rule
    from nordocr.tune.autolabel.run import Labelled


def labelled(
    what: list[Path],
    output: Path,
    engines: list[str],
    vlm: tuple[str, str],
    rule: Rule,
    sample: int,
    config: Path | None,
    threads: int,
) -> Labelled:
    """Label page files or folders of lines; :class:`UsageError` where they are mixed."""
    from nordocr.cli.console import lab, progress_bar, quiet_libraries
    from nordocr.config import settings
    from nordocr.evaluate.referee.client import referee_settings
    from nordocr.pages.listing import page_files
    from nordocr.pipeline.preparation import Preparation
    from nordocr.recognize.registry import open_recognizer

    with lab():
        from nordocr.tune.autolabel.engines import VlmVoice, open_voices
        from nordocr.tune.autolabel.run import autolabel, folder_sources, page_sources
        from nordocr.tune.suggest.run import is_lines
    folders = [path for path in what if is_lines(path)]
    if folders and len(folders) < len(what):
        raise UsageError(f"Pages and folders of lines do not go together: {folders[0]} is a folder of lines.")
    voices = open_voices(engines, threads)
    upright = None
    try:
        if any(vlm):
            voices.append(VlmVoice(referee_settings(*vlm), output / "vlm-cache"))
        if folders:
            sources = folder_sources(folders)
        else:
            read = settings(config, {"threads": threads})
            upright = open_recognizer(read.recognizer, read)  # tells pages that are upside down
            sources = page_sources(page_files(what), Preparation(read), upright)
        with quiet_libraries(), progress_bar() as bar:
            task = bar.add_task("labelling", total=len(sources)) if bar is not None else None

            def show(name: str) -> None:
                if bar is not None and task is not None:
                    bar.update(task, advance=1, description=name)

            return autolabel(sources, voices, rule, output, sample=sample, on_document=show)
    finally:
        for voice in voices:
            voice.close()
        if upright is not None:
            upright.close()
