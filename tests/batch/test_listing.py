from __future__ import annotations

import io
import itertools
import sys
from pathlib import Path

import pytest
from tests.batch.doubles import page

from nordocr.batch.journal import document_id
from nordocr.batch.layout import in_shard, result_files, result_stem
from nordocr.batch.listing import documents
from nordocr.batch.remote import fetched, is_remote
from nordocr.batch.spool import Spool
from nordocr.config import Limits
from nordocr.errors import InputMissing, InputTooLarge, NordocrError


def listed(*inputs: object, leave_out: Path | None = None) -> tuple[list[str], list[NordocrError]]:
    failures: list[NordocrError] = []
    return [address for address, _ in documents([str(i) for i in inputs], failures.append, leave_out)], failures


def test_folders_are_searched_in_order_and_results_are_no_inputs(tmp_path: Path) -> None:
    for name in ("b.tif", "a.PNG", "sub/c.pdf", "notes.doc", "out/3fa/b.pdf"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"xy")
    found, failures = listed(tmp_path, leave_out=tmp_path / "out")
    assert found == [str(tmp_path / name) for name in ("a.PNG", "b.tif", "sub/c.pdf")]
    assert not failures
    assert {size for _, size in documents([str(tmp_path)], failures.append)} == {2}


def test_globs_manifests_and_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("1.tif", "sub/2.tif", "sub/3.txt"):
        page(tmp_path / name) if name.endswith("tif") else (tmp_path / name).write_bytes(b"")
    assert listed(tmp_path / "**" / "*.tif")[0] == [str(tmp_path / "1.tif"), str(tmp_path / "sub" / "2.tif")]
    manifest = tmp_path / "list.txt"
    manifest.write_text(f"# a comment\n\n{tmp_path / '1.tif'}\r\ns3://bucket/å.tif\nnot there.tif\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    expected = [str(tmp_path / "1.tif"), "s3://bucket/å.tif", str(tmp_path / "not there.tif")]
    assert listed(manifest) == (expected, [])
    monkeypatch.setattr(sys, "stdin", io.StringIO("1.tif\n"))
    assert listed("-")[0] == [str(tmp_path / "1.tif")]


def test_what_cannot_be_listed_does_not_hide_the_rest(tmp_path: Path) -> None:
    page(tmp_path / "1.tif")
    (tmp_path / "empty").mkdir()
    found, failures = listed(tmp_path / "nothing", tmp_path / "empty", tmp_path / "*.gif", tmp_path / "1.tif")
    assert found == [str(tmp_path / "1.tif")]
    assert [type(f) for f in failures] == [InputMissing] * 3


def test_remote_folders_and_files_through_fsspec(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    files = fsspec.filesystem("memory")
    files.pipe("/batch/x/2.tif", b"22")
    files.pipe("/batch/1.tif", b"1")
    files.pipe("/batch/readme.doc", b"")
    found, failures = listed("memory://batch")
    assert sorted(found) == ["memory:///batch/1.tif", "memory:///batch/x/2.tif"]
    assert not failures
    assert listed("memory://batch/**/*.tif")[0] == sorted(found)
    with fetched("memory:///batch/x/2.tif", Limits(), tmp_path) as path:
        assert path.read_bytes() == b"22"
        assert path.suffix == ".tif"
    assert not list(tmp_path.iterdir())
    with pytest.raises(InputTooLarge), fetched("memory:///batch/x/2.tif", Limits(max_bytes=1), tmp_path):
        pass
    with pytest.raises(InputMissing), fetched("memory:///batch/gone.tif", Limits(), tmp_path):
        pass


def test_what_is_an_address() -> None:
    assert is_remote("s3://bucket/x.tif")
    assert is_remote("https://host/x.tif")
    assert not is_remote("C:\\scans\\x.tif")
    assert not is_remote("scans/x.tif")


def test_results_are_spread_over_folders_and_never_meet(tmp_path: Path) -> None:
    stems = {result_stem(f"/scans/{folder}/page.tif") for folder in range(3000)}
    assert len(stems) == 3000
    folders = [stem.split("/")[0] for stem in stems]
    assert len(set(folders)) > 1500
    assert max(folders.count(folder) for folder in set(folders)) < 12
    stem = result_stem('s3://bucket/odd:name?"å.tif')
    assert stem == result_stem('s3://bucket/odd:name?"å.tif')
    assert not set(':?"') & {*stem}
    assert len(Path(result_stem("/x/" + "å" * 200 + ".tif")).name.encode()) < 150
    files = result_files(tmp_path, "/a.tif", [("json", ".json"), ("alto", ".alto.xml")])
    assert [path.name.split("-")[0] for _, path in files] == ["a", "a"]
    assert [path.name.endswith(s) for (_, path), s in zip(files, (".json", ".alto.xml"), strict=True)] == [True, True]


def test_shards_share_all_documents_out() -> None:
    addresses = [f"/scans/{i}.tif" for i in range(4000)]
    parts = [[a for a in addresses if in_shard(document_id(a), (k, 4))] for k in (1, 2, 3, 4)]
    assert sorted(itertools.chain(*parts)) == sorted(addresses)
    assert all(900 < len(part) < 1100 for part in parts)


def test_the_spool_is_a_queue_that_keeps_any_name() -> None:
    spool = Spool()
    names = [f"/a/{i}" for i in range(5)] + ["/odd\udce5 \n\u2028 name"]
    for i, name in enumerate(names[:3]):
        spool.put(name, i)
    assert [spool.take() for _ in range(2)] == [(names[0], 0), (names[1], 1)]
    for name in names[3:]:
        spool.put(name, None)
    assert len(spool) == 4
    assert [spool.take() for _ in range(5)] == [(names[2], 2), *((n, None) for n in names[3:]), None]
    spool.close()
