"""``nordocr export``: from a checkpoint to a file that other people run, each checked against its original."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nordocr.errors import InputMissing, UsageError

if TYPE_CHECKING:
    from nordocr.export.source import Source

app = typer.Typer(no_args_is_help=True, help="Write a model file for another runtime, checked against its original.")

Checkpoint = Annotated[Path | None, typer.Option(help="Weights: .safetensors of training, or a .pth of OpenOCR.")]
OnnxFile = Annotated[Path | None, typer.Option("--onnx", help="An fp32 ONNX file instead of a checkpoint.")]
Output = Annotated[Path, typer.Option(help="The file to write.")]
Placed = Annotated[
    Path | None,
    typer.Option(help="The file to write, or a folder for the guide's names (nordocr models layout) [models]."),
]
Linespec = Annotated[Path | None, typer.Option(help="LineSpec of an ONNX file that holds none: a file, or nordic-768.")]
Dict = Annotated[Path | None, typer.Option("--dict", help="The dictionary that a .pth was trained with.")]
Space = Annotated[bool, typer.Option("--dict-space", help="The .pth was trained with use_space_char.")]
Cut = Annotated[
    str | None, typer.Option(metavar="NAME", help="Cut the head to this charset: nordic-126 of a nordic-ext model.")
]
Extent = Annotated[
    Literal["quick", "full"], typer.Option("--parity", "--gate", help="How much the parity check shows.")
]
Accept = Annotated[
    str | None, typer.Option(metavar="REASON", help="Write even what differs too much; the metadata gives this reason.")
]
Card = Annotated[Path | None, typer.Option(help="A model card (Markdown) for the metadata.")]


@app.callback()
def _export() -> None:
    """Write a model file for another runtime, checked against its original."""


@app.command()
def onnx(
    output: Placed = None,
    checkpoint: Checkpoint = None,
    source: OnnxFile = None,
    max_width: Annotated[
        int | None, typer.Option(help="The width in pixels that the checkpoint was trained to.")
    ] = None,
    sim: Annotated[
        bool, typer.Option("--sim", help="Write a simplified NAME_sim.onnx too, by onnxsim or else onnxslim.")
    ] = False,
    linespec: Linespec = None,
    card: Card = None,
    dictionary: Dict = None,
    space: Space = False,
    charset: Cut = None,
    parity: Extent = "quick",
) -> None:
    """Write an fp32 ONNX file, refused unless it reads what the checkpoint reads."""
    from nordocr.export.onnx import simplifier, write_fp32
    from nordocr.export.publish import Check

    opened = _source(checkpoint, source, linespec, max_width, dictionary, space, charset)
    from nordocr.export.layout import ROOT, is_root, onnx_place

    if output is None or is_root(output):
        output = onnx_place(opened.spec.max_width, output or ROOT, opened.spec.family)
    for written, found in write_fp32(opened, output, sim=sim, card=_card(card), check=Check(parity)):
        by = f" (simplified by {simplifier()})" if written != output else ""
        typer.echo(f"{written}{by}: {found}")


@app.command()
def fp16(
    output: Output,
    checkpoint: Checkpoint = None,
    source: OnnxFile = None,
    linespec: Linespec = None,
    card: Card = None,
    dictionary: Dict = None,
    space: Space = False,
    charset: Cut = None,
    parity: Extent = "full",
    accept: Accept = None,
) -> None:
    """Write a mixed-precision ONNX file for GPUs: fp16 inside, fp32 input and output."""
    from nordocr.export.fp16 import export_fp16
    from nordocr.export.publish import Check

    opened = _source(checkpoint, source, linespec, None, dictionary, space, charset)
    typer.echo(f"{output}: {export_fp16(opened, output, card=_card(card), check=Check(parity, accept))}")


@app.command()
def int8(
    output: Output,
    checkpoint: Checkpoint = None,
    source: OnnxFile = None,
    linespec: Linespec = None,
    card: Card = None,
    dictionary: Dict = None,
    space: Space = False,
    charset: Cut = None,
    parity: Extent = "full",
    accept: Accept = None,
) -> None:
    """Write an int8 ONNX file (QDQ), calibrated on rendered lines."""
    from nordocr.export.int8 import export_int8
    from nordocr.export.publish import Check

    opened = _source(checkpoint, source, linespec, None, dictionary, space, charset)
    quantised, found = export_int8(opened, output, card=_card(card), check=Check(parity, accept))
    typer.echo(f"{output}: {quantised} in int8, {found}")


@app.command()
def openvino(
    output: Annotated[Path, typer.Option(help="The .xml file to write; its .bin goes beside it.")],
    checkpoint: Checkpoint = None,
    source: OnnxFile = None,
    linespec: Linespec = None,
    card: Card = None,
    dictionary: Dict = None,
    space: Space = False,
    charset: Cut = None,
    parity: Extent = "full",
    accept: Accept = None,
) -> None:
    """Write OpenVINO's .xml and .bin, weights compressed to fp16."""
    if output.suffix != ".xml":
        raise UsageError(f"OpenVINO's file must end in .xml, not {output.suffix or 'nothing'}.")
    from nordocr.export.openvino import export_openvino
    from nordocr.export.publish import Check

    opened = _source(checkpoint, source, linespec, None, dictionary, space, charset)
    typer.echo(f"{output}: {export_openvino(opened, output, card=_card(card), check=Check(parity, accept))}")


@app.command()
def tensorrt(
    source: Annotated[Path, typer.Option("--onnx", help="An fp32 ONNX file, or one of nordocr export fp16.")],
    output: Placed = None,
    preset: Annotated[str | None, typer.Option(help="sm_86 or sm_120 [this GPU's]")] = None,
    profiles: Annotated[Literal["single", "rungs"], typer.Option(help="One profile, or one a rung.")] = "single",
    precision: Annotated[Literal["fp16", "fp32"], typer.Option(help="Of the graph that is built.")] = "fp16",
    timing_cache: Annotated[Path | None, typer.Option(help="A timing cache to use and to write.")] = None,
    hardware_compatible: Annotated[bool, typer.Option(help="For every GPU from Ampere on; somewhat slower.")] = False,
    workspace: Annotated[int, typer.Option(min=1, help="GiB that building may take on the GPU.")] = 8,
    linespec: Linespec = None,
    parity: Extent = "full",
    accept: Accept = None,
    print_trtexec: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Print the trtexec command for this TensorRT and stop.")
    ] = None,
) -> None:
    """Build a TensorRT engine on the GPU that will run it, from the fp16 graph, strongly typed."""
    if output is None or not output.suffix:
        output = _engine_place(source, linespec, preset, output, known=print_trtexec is not None)
    if print_trtexec is not None:
        shown = (preset, profiles, precision, print_trtexec, timing_cache, hardware_compatible, linespec)
        _print_trtexec(source, output, *shown)
        return
    from nordocr.export.publish import Check
    from nordocr.export.tensorrt import export_tensorrt

    found = export_tensorrt(
        source,
        output,
        preset=preset,
        profiles=profiles,
        precision=precision,
        cache=timing_cache,
        hardware_compatible=hardware_compatible,
        workspace_gib=workspace,
        linespec=linespec,
        check=Check(parity, accept),
    )
    typer.echo(f"{output}: {found}")


def _engine_place(source: Path, linespec: Path | None, preset: str | None, root: Path | None, *, known: bool) -> Path:
    """Return the guide's name of the engine; ``known``: by the preset alone, where no GPU is asked."""
    from nordocr.export.layout import ROOT, engine_place
    from nordocr.export.source import from_onnx
    from nordocr.export.trtprofiles import PRESETS
    from nordocr.recognize.tensorrt_facts import load_cuda, load_tensorrt, this_machine

    width = from_onnx(source, linespec, half=True).spec.max_width
    named = PRESETS.get(preset or ("sm_86" if known else ""))
    architecture = named.architecture if named else this_machine(load_tensorrt(), load_cuda()).architecture
    return engine_place(width, architecture, root or ROOT)


def _print_trtexec(
    source: Path,
    output: Path,
    preset: str | None,
    profiles: str,
    precision: str,
    version: str,
    cache: Path | None,
    hardware_compatible: bool,
    linespec: Path | None,
) -> None:
    from nordocr.export.source import from_onnx
    from nordocr.export.trtprofiles import PRESETS, preset_for, profiles_of, trtexec_command

    if profiles != "single":
        raise UsageError("The trtexec command has one profile; engines of one profile a rung are built by nordocr.")
    named = PRESETS.get(preset or "sm_86")
    chosen = preset_for(preset, named.architecture if named else "")
    held = from_onnx(source, linespec, half=True)
    graph = source
    if precision == "fp32" and held.facts.get("precision") == "fp16":
        raise UsageError(f"{source} is an fp16 file: it cannot be built with --precision fp32.")
    if precision != "fp32" and held.facts.get("precision") != "fp16":
        graph = source.with_name(f"{source.stem}_fp16.onnx")
        typer.echo(f"nordocr export fp16 --onnx {source} --output {graph}")
    profile = profiles_of(held.spec, chosen, "single")[0]
    typer.echo(trtexec_command(graph, output, profile, version, cache=cache, hardware_compatible=hardware_compatible))


def _source(
    checkpoint: Path | None,
    onnx_file: Path | None,
    linespec: Path | None,
    width: int | None,
    dictionary: Path | None,
    space: bool,
    charset: str | None,
) -> Source:
    """The one source that was named; :class:`UsageError` for none or two, and for options that it does not obey."""
    from nordocr.export.source import from_checkpoint, from_onnx

    if (checkpoint is None) == (onnx_file is None):
        raise UsageError("Say either --checkpoint or --onnx.")
    if checkpoint is not None:
        if linespec is not None:
            raise UsageError("--linespec is for --onnx: a checkpoint knows its own.")
        return from_checkpoint(checkpoint, max_width=width, dictionary=dictionary, append_space=space, charset=charset)
    assert onnx_file is not None
    given = {"--max-width": width, "--dict": dictionary, "--dict-space": space, "--charset": charset}
    for option, value in given.items():
        if value:
            raise UsageError(f"{option} is for --checkpoint: an ONNX file is taken as it is.")
    return from_onnx(onnx_file, linespec)


def _card(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputMissing(f"There is no model card {path}.") from error
