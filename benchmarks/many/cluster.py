"""The same batch on a Ray cluster of three nodes on this machine, of which a worker and then a node is killed."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from many.killing import totals
from many.measuring import SETTINGS
from nordocr.batch.cluster import ClusterBatch, ClusterOptions
from nordocr.batch.options import BatchOptions


class Killer(threading.Thread):
    """Kills an actor's process once ``worker_at`` results are there, and a node with an actor at ``node_at``.

    Args:
        cluster: A ``ray.cluster_utils.Cluster``. Its head stays.
        output: The batch's output folder.
        worker_at: JSON results after which the process is killed.
        node_at: JSON results after which the node is killed.
    """

    def __init__(self, cluster: Any, output: Path, worker_at: int, node_at: int) -> None:
        super().__init__(daemon=True)
        self.killed: list[tuple[str, int]] = []
        self._cluster, self._output = cluster, output
        self._worker_at, self._node_at = worker_at, node_at
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.05) and len(self.killed) < 2:
            results = len(list(self._output.glob("*/*.json")))
            if not self.killed and results >= self._worker_at:
                self._kill_worker(results)
            elif self.killed and results >= self._node_at:
                self._kill_node(results)

    def stop(self) -> None:
        """End, whatever has been killed."""
        self._over.set()
        self.join()

    def _kill_worker(self, results: int) -> None:
        for process, _ in actors():
            os.kill(process, signal.SIGKILL)
            self.killed.append(("worker", results))
            return

    def _kill_node(self, results: int) -> None:
        busy = {parent for _, parent in actors()}
        for node in list(self._cluster.worker_nodes):
            raylets = node.all_processes["raylet"]
            if raylets and raylets[0].process.pid in busy:
                self._cluster.remove_node(node, allow_graceful=False)
                self.killed.append(("node", results))
                return


def actors() -> Iterator[tuple[int, int]]:
    """Yield the process id of each actor that reads documents on this machine, and that of its raylet."""
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            called = (entry / "cmdline").read_bytes()
            if called.startswith(b"ray::") and (b"MapWorker" in called or b"Actor" in called):
                parent = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1]
                yield int(entry.name), int(parent)


@contextlib.contextmanager
def three_nodes() -> Iterator[Any]:
    """Start a cluster of a head and two more nodes, with one core each, and connect this process to it."""
    # On a busy machine the first actor takes longer than the default to start.
    os.environ.setdefault("RAY_DATA_AUTOSCALING_COORDINATOR_REQUEST_GET_TIMEOUT_S", "180")
    import ray
    from ray.cluster_utils import Cluster

    about = {"num_cpus": 1, "object_store_memory": 100 << 20}
    cluster = Cluster(initialize_head=True, head_node_args={**about, "include_dashboard": False})
    try:
        for _ in range(2):
            cluster.add_node(**about)
        ray.init(address=cluster.address, log_to_driver=False)
        yield cluster
    finally:
        ray.shutdown()
        cluster.shutdown()


def run_cluster(source: Path, output: Path) -> dict[str, object]:
    """Run a batch on the cluster; a quarter of the way on an actor's process is killed, half of the way a node."""
    documents = len(list(source.iterdir()))
    with three_nodes() as cluster:
        killer = Killer(cluster, output, documents // 4, documents // 2)
        killer.start()
        started = time.perf_counter()
        try:
            batch = ClusterBatch([str(source)], SETTINGS, BatchOptions(output, workers=2), ClusterOptions())
            progress = batch.run()
        finally:
            killer.stop()
        spent = time.perf_counter() - started
    if [what for what, _ in killer.killed] != ["worker", "node"]:
        raise SystemExit(f"not killed as planned: {killer.killed}")
    return {
        "workers": 2,
        "cores": os.cpu_count(),
        "seconds": f"{spent:.1f}",
        "kills": len(killer.killed),
        "pages_a_second": f"{progress.pages / spent:.3f}",
        "done_at_kills": said(killer.killed),
        **totals(output),
    }


def said(killed: Sequence[tuple[str, int]]) -> str:
    """Return for example ``worker 500, node 1000``."""
    return ", ".join(f"{what} {results}" for what, results in killed)


def ray_version() -> str:
    """Return ``Ray 2.55.1`` with nordocr's."""
    return f"nordocr {version('nordocr')}, Ray {version('ray')}"
