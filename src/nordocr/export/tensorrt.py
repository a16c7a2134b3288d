"""A TensorRT engine from an ONNX file, strongly typed, built and checked on the GPU that will run it.

Thin over the vendor's Python API of TensorRT 10.12 and newer and of 11, where precision is the graph's own business:
https://docs.nvidia.com/deeplearning/tensorrt/latest/_static/python-api/. ``docs/export.md`` says what of this has been
run on a GPU and what has not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import onnx

from nordocr.errors import ExportRejected
from nordocr.export.fp16 import to_fp16
from nordocr.export.parity import FP32, HALF, Parity
from nordocr.export.publish import FULL, Check, judge, meta_of, partial_file, place
from nordocr.export.source import from_onnx
from nordocr.export.trtprofiles import Profile, Profiles, preset_for, profiles_of
from nordocr.families import family_of
from nordocr.files import write_whole
from nordocr.recognize.contract import INPUT
from nordocr.recognize.temperature import TEMPERATURE_KEY
from nordocr.recognize.tensorrt import Engine, logger_of
from nordocr.recognize.tensorrt_facts import EngineFacts, Machine, load_cuda, load_tensorrt, this_machine

_GIB: Final = 1024**3


def export_tensorrt(
    onnx_file: Path,
    output: Path,
    *,
    preset: str | None = None,
    profiles: Profiles = "single",
    precision: str = "fp16",
    cache: Path | None = None,
    hardware_compatible: bool = False,
    workspace_gib: int = 8,
    linespec: Path | None = None,
    check: Check = FULL,
) -> Parity:
    """Build an engine; the parity check compares it with the ONNX file on the CPU.

    Args:
        onnx_file: An fp32 file, converted to mixed precision here unless ``precision`` is ``fp32``, or an fp16 file of
            ``nordocr export fp16``.
        output: The engine to write, with its ``*_meta.yaml`` beside it.
        preset: See :data:`nordocr.export.trtprofiles.PRESETS`; this GPU's where none is given.
        profiles: One profile, or one per rung of the ladder.
        precision: ``fp16`` or ``fp32``, of the graph that is built.
        cache: A timing cache, read where it exists and written again.
        hardware_compatible: Build for every GPU from Ampere on; somewhat slower.
        workspace_gib: Memory on the GPU that building may take, in GiB.
        linespec: The LineSpec of an ONNX file that holds none.
        check: How it is checked.

    Returns:
        What the parity check found.

    Raises:
        EngineUnavailable: There is no TensorRT or no GPU.
        UsageError: The preset is of another GPU, or the network cannot be built by TensorRT.
        ExportRejected: TensorRT cannot build it, or it differs too much.
    """
    trt, cuda = load_tensorrt(), load_cuda()
    machine = this_machine(trt, cuda)
    chosen = preset_for(preset, machine.architecture)
    source = from_onnx(onnx_file, linespec, half=True)
    family_of(source.spec).require_format("tensorrt")
    half_already = source.facts.get("precision") == "fp16"
    graph = source.proto if half_already or precision == "fp32" else to_fp16(source.proto)
    shapes = profiles_of(source.spec, chosen, profiles)
    plan = build(
        trt,
        graph.SerializeToString(),
        shapes,
        cache=cache,
        hardware_compatible=hardware_compatible,
        workspace=workspace_gib * _GIB,
    )
    held = "fp16" if half_already else precision
    with partial_file(output) as partial:
        partial.write_bytes(plan)
        engine = Engine(trt, cuda, plan, output)
        try:
            parity, accepted = judge(source, engine.scores, HALF if held == "fp16" else FP32, output, check)
        finally:
            engine.close()
        facts = _facts(machine, plan, graph, held, len(shapes), hardware_compatible)
        # A plan carries no metadata of its own, so what reading looks for there stands in the YAML.
        said = source.facts.get(TEMPERATURE_KEY)
        more = {} if said is None else {TEMPERATURE_KEY: float(said)}
        place(partial, output, meta_of(source.spec, precision=held, **more, **accepted, engine=facts.model_dump()))
    return parity


def build(
    trt: Any,
    graph: bytes,
    profiles: Sequence[Profile],
    *,
    cache: Path | None = None,
    hardware_compatible: bool = False,
    workspace: int = 8 * _GIB,
) -> bytes:
    """Build a serialised engine from a serialised ONNX graph; ``workspace`` in bytes. :class:`ExportRejected`."""
    log = logger_of(trt)
    builder = trt.Builder(log)
    # Needed by TensorRT 10; 11 knows the flag and ignores it, because there every network is strongly typed.
    flag = getattr(trt.NetworkDefinitionCreationFlag, "STRONGLY_TYPED", None)
    network = builder.create_network(0 if flag is None else 1 << int(flag))
    parser = trt.OnnxParser(network, log)
    if not parser.parse(graph):
        said = "; ".join(str(parser.get_error(i).desc()) for i in range(min(3, parser.num_errors)))
        raise ExportRejected(f"TensorRT {trt.__version__} cannot read the graph: {said}.")
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, workspace)
    if hardware_compatible:
        config.hardware_compatibility_level = trt.HardwareCompatibilityLevel.AMPERE_PLUS
    for shapes in profiles:
        profile = builder.create_optimization_profile()
        profile.set_shape(INPUT, shapes.low, shapes.opt, shapes.high)
        if config.add_optimization_profile(profile) < 0:
            raise ExportRejected(f"TensorRT does not take the profile {shapes}: {log.last()}.")
    if cache is not None:
        known = cache.read_bytes() if cache.is_file() else b""
        # A cache of another GPU or version is not taken; the build then starts with an empty one.
        timings = config.create_timing_cache(known)
        if timings is None or not config.set_timing_cache(timings, False):
            config.set_timing_cache(config.create_timing_cache(b""), False)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise ExportRejected(f"TensorRT {trt.__version__} could not build the engine: {log.last()}.")
    if cache is not None:
        write_whole(cache, bytes(config.get_timing_cache().serialize()))
    return bytes(plan)


def _facts(
    machine: Machine, plan: bytes, graph: onnx.ModelProto, precision: str, profiles: int, hardware_compatible: bool
) -> EngineFacts:
    return EngineFacts(
        architecture=machine.architecture,
        gpu=machine.gpu,
        driver=machine.driver,
        tensorrt=machine.tensorrt,
        compatibility="ampere_plus" if hardware_compatible else "none",
        profiles=profiles,
        precision=precision,
        onnx_sha256=hashlib.sha256(graph.SerializeToString(deterministic=True)).hexdigest(),
        engine_sha256=hashlib.sha256(plan).hexdigest(),
    )
