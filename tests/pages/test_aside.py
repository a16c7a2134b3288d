"""Files that are decoded in a process of their own: which they are, what they give, and that none runs away."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from inputs.hostile_files import pdf_of, tiff_of
from nordocr.config import Limits
from nordocr.errors import InputTooLarge, InputUnreadable
from nordocr.pages import PageImage, open_pages
from nordocr.pages.costly import is_costly
from nordocr.pages.isolated.worker import Worker

CASES = Path(__file__).parent / "cases"


def bars(size: tuple[int, int] = (400, 300)) -> Image.Image:
    page = Image.new("L", size, 255)
    ImageDraw.Draw(page).rectangle((10, 20, 200, 60), fill=0)
    ImageDraw.Draw(page).rectangle((10, 100, 100, 110), fill=0)
    return page


def only(path: Path, limits: Limits | None = None) -> PageImage:
    [page] = open_pages(path, limits)
    return page


def scans(count: int, size: tuple[int, int] = (400, 300)) -> bytes:
    """A progressive JPEG whose last scan is there ``count`` times more."""
    held = io.BytesIO()
    bars(size).save(held, "JPEG", progressive=True)
    data = held.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * count + b"\xff\xd9"


@pytest.mark.parametrize(
    ("name", "options", "module"),
    [
        ("page.webp", {"lossless": True}, None),
        ("page.jp2", {}, None),
        ("page.avif", {"quality": 100, "subsampling": "4:4:4"}, None),
        ("page.jpg", {"progressive": True, "quality": 100}, None),
        ("page.jxl", {}, "pylibjxl"),
    ],
)
def test_every_format_gives_the_page(tmp_path: Path, name: str, options: dict[str, object], module: str | None) -> None:
    path = tmp_path / name
    if module is not None:
        found = pytest.importorskip(module)
        path.write_bytes(found.encode(np.ascontiguousarray(np.asarray(bars().convert("RGB"))), lossless=True))
    else:
        bars().save(path, **options)
    with path.open("rb") as file:
        assert is_costly(file, path.stat().st_size)
    image = only(path).image
    gray = image if image.ndim == 2 else image.mean(axis=2)
    assert gray.shape == (300, 400) and np.abs(gray - np.asarray(bars(), dtype=float)).max() < 12


def test_a_photograph_of_a_telephone() -> None:
    pytest.importorskip("pi_heif")
    image = only(CASES / "bars.heic").image
    assert (
        image.shape[:2] == (300, 400)
        and np.abs(image.reshape(300, 400, -1)[:, :, 0] - np.asarray(bars(), float)).mean() < 3
    )


def test_a_decoder_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nordocr.pages.raster import raster_pages

    path = tmp_path / "page.heic"
    path.write_bytes((CASES / "bars.heic").read_bytes())
    with pytest.raises(
        InputUnreadable, match=r'is a HEIC image, .*its decoder is missing: pip install "nordocr\[heif\]"'
    ):
        list(raster_pages(path, Limits(), None))
    pytest.importorskip("pi_heif")
    path.write_bytes(path.read_bytes()[:40] + bytes(400))
    with pytest.raises(InputUnreadable, match="is a HEIC image, which cannot be read; it is damaged"):
        list(open_pages(path))


@pytest.mark.parametrize("compression", [None, "group3", "group4", "packbits", "tiff_lzw", "tiff_adobe_deflate"])
def test_scans_are_decoded_at_once(tmp_path: Path, compression: str | None) -> None:
    path = tmp_path / "scan.tif"
    bars().convert("1").save(path, compression=compression)
    with path.open("rb") as file:
        assert not is_costly(file, path.stat().st_size)


def test_jpeg_is_costly_only_with_many_passes(tmp_path: Path) -> None:
    plain, photo = io.BytesIO(), io.BytesIO()
    bars().save(plain, "JPEG", quality=60)
    bars().convert("RGB").save(photo, "TIFF", compression="jpeg")
    endless = plain.getvalue()[:-2] + plain.getvalue()[plain.getvalue().rindex(b"\xff\xda") : -2] * 9
    found = [is_costly(io.BytesIO(data), len(data)) for data in (plain.getvalue(), photo.getvalue(), endless, scans(0))]
    assert found == [False, True, True, True]
    assert is_costly(io.BytesIO(b"\xff\xd8\xff\xe0\0"), 5)  # cut within its head


def test_a_jpeg_of_ten_thousand_passes_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "page.jpg"
    path.write_bytes(scans(10_000, (2000, 2000)))
    with pytest.raises(InputTooLarge, match=r"Page 1 of .*page.jpg takes longer than the limit of 1 s"):
        only(path, Limits(max_seconds=1))
    path.write_bytes(scans(3))  # and the next file is read
    assert only(path).image.shape == (300, 400)


def test_strips_that_all_claim_the_same_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "scan.tif"
    rows, body = 2000, 20_000
    at = 8 + 2 + 10 * 12 + 4
    offsets, counts = at + body, at + body + 4 * rows
    tags = [(256, 4, 1, 8), (257, 4, 1, rows), (258, 3, 1, 1), (259, 3, 1, 1), (262, 3, 1, 0), (273, 4, rows, offsets)]
    tags += [(277, 3, 1, 1), (278, 4, 1, 1), (279, 4, rows, counts), (284, 3, 1, 1)]
    arrays = np.full(rows, at, "<u4").tobytes() + np.full(rows, body, "<u4").tobytes()
    path.write_bytes(tiff_of(tags, tail=bytes(body) + arrays))
    with pytest.raises(InputUnreadable, match="strips claim more than the file has, many times over"):
        only(path)


def self_containing(times: int) -> bytes:
    """A PDF whose form draws itself ``times`` times."""
    inner = b"/F Do " * times
    resources = b"/Resources<</XObject<</F 5 0 R>>>>"
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 200 200]" + resources + b"/Length %d>>stream\n" % len(inner)
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]" + resources + b"/Contents 4 0 R>>",
        b"<</Length 5>>stream\n/F Do\nendstream",
        form + inner + b"\nendstream",
    ]
    return pdf_of(bodies)


def test_a_form_that_contains_itself_stays_within_the_ceiling(tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    path.write_bytes(self_containing(40))
    limits = Limits(max_seconds=3, max_memory=512 * 1024**2)
    with pytest.raises((InputTooLarge, InputUnreadable)) as caught:
        only(path, limits)
    assert "form.pdf" in str(caught.value)


def test_an_image_beyond_the_ceiling_is_refused_and_the_next_file_read(tmp_path: Path) -> None:
    """Its pixels and a bitmap to draw them on are 570 MB."""
    path, page = tmp_path / "large.pdf", Image.new("RGB", (9_000, 9_000), "white")
    page.save(path, "PDF", resolution=300)
    with pytest.raises((InputTooLarge, InputUnreadable), match=r"large\.pdf"):
        only(path, Limits(max_memory=512 * 1024**2))
    page.crop((0, 0, 400, 300)).save(path, "PDF", resolution=300)
    assert only(path, Limits(max_memory=512 * 1024**2)).image.shape == (300, 400)


@pytest.mark.skipif(sys.platform != "linux", reason="the signal to children of a dead process is Linux's")
def test_a_decoding_process_ends_with_the_one_that_reads(tmp_path: Path) -> None:
    path = tmp_path / "page.jpg"
    path.write_bytes(scans(10_000, (3000, 3000)))
    code = "import sys, pathlib, nordocr.pages as pages; list(pages.open_pages(pathlib.Path(sys.argv[1])))"
    reader = subprocess.Popen([sys.executable, "-c", code, str(path)])
    try:
        child = _decoding(reader.pid)
        os.kill(reader.pid, signal.SIGKILL)
        reader.wait(10)
        end = time.monotonic() + 10
        while Path(f"/proc/{child}").exists() and time.monotonic() < end:
            time.sleep(0.05)
        assert not Path(f"/proc/{child}").exists()
    finally:
        reader.kill()
        reader.wait(10)


def _decoding(parent: int) -> int:
    """The child of ``parent`` once it has computed for a second: it is within the decoder by then."""
    end = time.monotonic() + 240
    while time.monotonic() < end:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == parent and int(fields[11]) > 1.2 * os.sysconf("SC_CLK_TCK"):
                return int(folder.name)
        time.sleep(0.05)
    raise AssertionError("nothing is being decoded")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on processor time")
def test_a_request_has_a_limit_on_processor_time_of_its_own(tmp_path: Path) -> None:
    """Should neither the parent nor its death end it: here the parent waits a day."""
    path = tmp_path / "page.jpg"
    path.write_bytes(scans(0))
    worker = Worker.idle("rasterworker.py", 2 * 1024**3)
    worker.ask({"open": str(path), "limits": {}, "pages": None}, 100, str)
    limit = Path(f"/proc/{worker._process.pid}/limits").read_text(encoding="ascii")
    [line] = [line for line in limit.splitlines() if line.startswith("Max cpu time")]
    assert 100 <= int(line.split()[3]) <= 130
    worker.release()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork")
def test_a_forked_process_has_workers_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "page.jpg"
    path.write_bytes(scans(0))
    only(path)
    assert Worker._waiting
    child = os.fork()
    if child == 0:
        os._exit(len(Worker._waiting))
    assert os.waitpid(child, 0)[1] == 0
