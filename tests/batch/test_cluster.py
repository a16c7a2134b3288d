"""The same batch on Ray: where Ray is not installed, what an actor does is tested without it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tests.batch.doubles import BRIEF, DEADLY, SLOW, page, settings
from tests.batch.test_run import rows

from many.cluster import Killer, three_nodes
from many.killing import results
from nordocr.batch.cluster import Actor, ClusterBatch, ClusterOptions
from nordocr.batch.options import BatchOptions
from nordocr.batch.run import Batch


def test_an_actor_sets_aside_what_kills_or_hangs_its_worker(tmp_path: Path) -> None:
    names = {"a": 200, "deadly": DEADLY, "slow": SLOW, "b": 210}
    paths = [str(page(tmp_path / f"{name}.png", width)) for name, width in names.items()]
    actor = Actor(settings(), BatchOptions(tmp_path / "out", limit=4.0), tmp_path / "staging")
    try:
        found = actor({"address": paths})
    finally:
        actor._pool.close(kill=True)
    assert [json.loads(outcome)["error_class"] for outcome in found["outcome"]] == ["", "WorkerKilled", "TimeLimit", ""]
    assert len(results(tmp_path / "out")) == 2


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_on_a_cluster_the_results_are_the_same_though_a_worker_and_a_node_are_killed(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    source, output = tmp_path / "in", tmp_path / "out"
    for i in range(24):
        page(source / f"{i:02}.png", BRIEF, shade=i)
    (source / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    page(source / "deadly.png", DEADLY)
    with three_nodes() as cluster:
        killer = Killer(cluster, output, worker_at=1, node_at=6)
        killer.start()
        try:
            options = BatchOptions(output, workers=2)
            progress = ClusterBatch([str(source)], settings(), options, ClusterOptions(batch_size=2)).run()
        finally:
            killer.stop()
        assert (progress.documents, progress.failed, progress.aside) == (24, 1, 1)
        assert ClusterBatch([str(source)], settings(), options).run().documents == 0
    assert [what for what, _ in killer.killed] == ["worker", "node"]
    states = {name: (state, kind) for name, (state, kind, _) in rows(output).items()}
    assert states.pop("broken.png") == ("failed", "InputUnreadable")
    assert states.pop("deadly.png") == ("skipped", "WorkerKilled")
    assert len(states) == 24
    assert set(states.values()) == {("done", "")}
    Batch([str(source)], settings(), BatchOptions(tmp_path / "local", workers=1)).run()
    assert results(output) == results(tmp_path / "local")
