"""The models folder: whole and checked, or not there."""

from __future__ import annotations

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest

from nordocr.cli.app import main
from nordocr.errors import ConfigInvalid, InputMissing, InputUnreadable, ModelInvalid, ModelMissing, UsageError
from nordocr.export.store import add_weights, build_onnx, pull, read_index, resolve, verify
from nordocr.export.temperature import says_temperature, write_temperature
from nordocr.linespec import LineSpec
from nordocr.model.network import build_model
from nordocr.model.weights import load_model, save_weights
from nordocr.recognize.temperature import find_temperature


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two models, one of them with a card."""
    folder = tmp_path_factory.mktemp("shelf")
    weights = tmp_path_factory.mktemp("run") / "best-fp16.safetensors"
    save_weights(weights, build_model("micro"), LineSpec(max_width=768), {"step": 1}, half=True)
    (folder / "one.md").write_text("# One\n", encoding="utf-8")
    add_weights(folder, weights, "one", "one.md")
    add_weights(folder, weights, "two")
    return folder


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address(shelf: Path) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(shelf))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_model_is_pulled_from_a_folder_and_from_an_address(shelf: Path, address: str, tmp_path: Path) -> None:
    for number, source in enumerate((str(shelf), address)):
        folder = tmp_path / str(number)
        assert [model.name for model in pull(source, folder, "one")] == ["one"]
        assert [model.name for model in read_index(folder)] == ["one"]
        assert (folder / "one.md").read_text(encoding="utf-8") == "# One\n"
        assert load_model(folder / "one.safetensors")[1].spec.max_width == 768
        assert [problem for _, problem in verify(folder)] == [""]
        assert len(pull(source, folder)) == 2
        assert not list(folder.glob("*.part"))


class _BreaksOff(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.endswith(".json"):
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"400\r\nhalf of a chunk")
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


def test_a_transfer_that_breaks_off_names_its_source_and_leaves_nothing(shelf: Path, tmp_path: Path) -> None:
    handler = functools.partial(_BreaksOff, directory=str(shelf))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(InputUnreadable, match=r"one\.safetensors broke off: .+\.$"):
            pull(f"http://127.0.0.1:{server.server_port}/", tmp_path, "one")
        server.shutdown()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_changed_is_found_and_never_pulled(shelf: Path, tmp_path: Path) -> None:
    pull(str(shelf), tmp_path / "a")
    with (tmp_path / "a" / "two.safetensors").open("r+b") as file:
        file.seek(5000)
        file.write(b"\x01\x02\x03")
    problems = {model.name: problem for model, problem in verify(tmp_path / "a")}
    assert problems["one"] == ""
    assert "two.safetensors has SHA-256" in problems["two"]
    with pytest.raises(ModelInvalid, match=r"two\.safetensors has SHA-256"):
        pull(str(tmp_path / "a"), tmp_path / "b")
    assert not (tmp_path / "b" / "two.safetensors").exists()
    pull(str(shelf), tmp_path / "a")
    assert not any(problem for _, problem in verify(tmp_path / "a"))
    (tmp_path / "a" / "one.safetensors").unlink()
    assert "missing" in verify(tmp_path / "a", "one")[0][1]


def test_what_is_not_there_is_named(shelf: Path, address: str, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="there are one, two"):
        pull(str(shelf), tmp_path, "three")
    with pytest.raises(InputMissing, match=r"index\.json"):
        pull(str(tmp_path / "nowhere"), tmp_path)
    with pytest.raises(InputMissing, match="404"):
        pull(address + "nowhere", tmp_path)
    with pytest.raises(InputUnreadable, match="cannot be reached"):
        pull("http://127.0.0.1:9/", tmp_path)


def test_a_model_is_added_under_plain_names_only(shelf: Path, tmp_path: Path) -> None:
    weights = shelf / "one.safetensors"
    for name, card, temperature in (
        ("one", "models/one.md", 1.0),
        ("../one", "", 1.0),
        ("", "", 1.0),
        ("one", "", 0.0),
    ):
        with pytest.raises(ConfigInvalid, match="cannot be added"):
            add_weights(tmp_path, weights, name, card, temperature)
    assert not list(tmp_path.glob("*.safetensors"))


def test_the_onnx_file_of_a_pulled_model_knows_its_temperature(shelf: Path, tmp_path: Path) -> None:
    hot = tmp_path / "hot"
    add_weights(hot, shelf / "one.safetensors", "hot", temperature=1.5)
    (model,) = pull(str(hot), tmp_path / "here")
    built = build_onnx(tmp_path / "here", model)
    assert find_temperature(built, {m.key: m.value for m in onnx.load(built).metadata_props}) == 1.5


def test_an_export_that_was_cut_short_gets_its_temperature_later(shelf: Path, tmp_path: Path) -> None:
    add_weights(tmp_path, shelf / "one.safetensors", "hot")
    (model,) = read_index(tmp_path)
    built = build_onnx(tmp_path, model)
    assert not says_temperature(built)
    build_onnx(tmp_path, model.model_copy(update={"temperature": 1.5}))
    assert says_temperature(built)
    write_temperature(built, built, 2.0)  # the user's own calibration stays
    build_onnx(tmp_path, model.model_copy(update={"temperature": 1.5}))
    assert find_temperature(built, {m.key: m.value for m in onnx.load(built).metadata_props}) == 2.0


def test_an_index_cannot_point_outside_its_folder(shelf: Path, tmp_path: Path) -> None:
    index = json.loads((shelf / "index.json").read_text(encoding="utf-8"))
    index["models"][0]["file"] = "../x.safetensors"
    (tmp_path / "index.json").write_text(json.dumps(index), encoding="utf-8")
    with pytest.raises(ModelInvalid, match="no plain file name"):
        read_index(tmp_path)


@pytest.mark.parametrize("source", ["hf:me/models", "https://huggingface.co/me/models/", "hf:me/models/tree/main"])
def test_hugging_face_repositories(source: str) -> None:
    assert resolve(source) == "https://huggingface.co/me/models/resolve/main"


def test_half_a_repository_is_refused() -> None:
    with pytest.raises(UsageError, match="OWNER/REPOSITORY"):
        resolve("hf:models")


def test_models_are_listed_outside_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NORDOCR_MODELS", raising=False)
    with pytest.raises(SystemExit) as left:
        main(["models", "list"])
    said = capsys.readouterr()
    assert left.value.code == 0
    assert "nano  bundled" in said.out and "no index.json" in said.err
