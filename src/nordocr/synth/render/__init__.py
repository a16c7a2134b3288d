"""Text lines drawn as a line detector cuts them from pages, with the text as label. Degradation comes after."""

from nordocr.synth.render.config import RenderConfig
from nordocr.synth.render.glyphs import FaceLike
from nordocr.synth.render.line import Context, Rendered, render_line

__all__ = ["Context", "FaceLike", "RenderConfig", "Rendered", "render_line"]
