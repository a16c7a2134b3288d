"""The service under load: throughput against the batch's, latency by load, overload, bad clients, SIGKILL.

    python benchmarks/service.py --pages DIR [--workers 2] [--seconds 30] [--csv benchmarks/service.csv]

DIR holds documents of one page (`benchmarks/batch.py --keep`). The clients run in this process, the service in another,
on loopback. Rows of `benchmarks/service.csv`:

- `batch`: the same documents through the same number of workers by `nordocr batch`: what the service is compared with.
- `load`: 1, 2, 4 ... clients that ask again as soon as they are answered; documents a second, p50 and p99.
- `overload`: five times as many clients as the service has places; answers by status, the peak memory of all processes
  of the service, and the time of a single request right after.
- `bad clients`: a load of 2 clients beside 20 uploads that trickle, 20 that break off and some that are too large.
- `killed`: jobs are handed in until SIGKILL, then the service is started again; every accepted job must end.

Linux (/proc). Ratios within one run are worth something on a machine that does other work besides; times are not.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from machine import hardware, revision
from nordocr.batch.options import BatchOptions
from nordocr.batch.run import Batch
from nordocr.batch.tasks import WorkerSettings, for_workers
from nordocr.config import ReadingConfig

COLUMNS = (
    *(
        "run",
        "clients",
        "workers",
        "seconds",
        "answers",
        "ok",
        "refused",
        "other",
        "a_second",
        "of_batch",
        "p50",
        "p99",
    ),
    *("peak_mb", "note", "load_average", "hardware", "date", "revision"),
)
Answer = tuple[int, float]


class Service:
    """A service in a process of its own."""

    def __init__(self, state: Path, workers: int) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._state, self._workers = state, workers
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "nordocr", "serve", "--port", str(self.port), "--state", str(self._state)]
        command += ["--workers", str(self._workers), "--log-level", "warning"]
        self.process = subprocess.Popen(command)
        until = time.monotonic() + 180
        while time.monotonic() < until:
            try:
                if httpx.get(f"{self.address}/health/ready").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise RuntimeError("the service does not become ready")

    def memory(self) -> float:
        """Resident MB of the service and its workers."""
        pids = [self.process.pid]
        for children in Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            pids += [int(pid) for pid in children.read_text(encoding="ascii").split()]
        held = 0.0
        for pid in pids:
            try:
                pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
                held += pages * os.sysconf("SC_PAGE_SIZE") / 1e6
            except OSError:
                continue
        return held

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def ask(http: httpx.Client, page: bytes) -> Answer:
    started = time.perf_counter()
    try:
        status = http.post("/v1/ocr", files={"file": ("page.tif", page)}).status_code
    except httpx.TransportError:
        status = 0
    return status, time.perf_counter() - started


def load(service: Service, pages: list[bytes], clients: int, seconds: float) -> tuple[list[Answer], float, float]:
    """Let clients ask for so many seconds; return the answers, the time, and the service's peak memory in MB."""
    end = time.monotonic() + seconds
    peak = 0.0

    def client(number: int) -> list[Answer]:
        answers: list[Answer] = []
        with httpx.Client(base_url=service.address, timeout=300) as http:
            while time.monotonic() < end:
                answers.append(ask(http, pages[(number * 7 + len(answers)) % len(pages)]))
                if answers[-1][0] == 429:
                    time.sleep(0.2)
        return answers

    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as threads:
        futures = [threads.submit(client, number) for number in range(clients)]
        while not all(future.done() for future in futures):
            peak = max(peak, service.memory())
            time.sleep(0.2)
    return [a for future in futures for a in future.result()], time.perf_counter() - started, peak


def described(answers: list[Answer], seconds: float, batch: float) -> dict[str, object]:
    statuses = Counter(status for status, _ in answers)
    times = sorted(spent for status, spent in answers if status == 200)
    rate = len(times) / seconds
    found: dict[str, object] = {"seconds": f"{seconds:.1f}", "answers": len(answers), "ok": len(times)}
    found |= {"refused": statuses[429], "other": len(answers) - len(times) - statuses[429]}
    found |= {"a_second": f"{rate:.3f}", "of_batch": f"{rate / batch:.2f}" if batch else ""}
    if times:
        found |= {
            "p50": f"{statistics.median(times):.2f}",
            "p99": f"{times[min(len(times) - 1, int(len(times) * 0.99))]:.2f}",
        }
    return found


@contextmanager
def bad_clients(service: Service) -> Iterator[None]:
    """Twenty uploads that trickle, twenty that break off, some that are too large."""
    ended = threading.Event()
    head = b"POST /v1/ocr HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    head += b"Content-Length: %d\r\n\r\n"

    def trickle() -> None:
        with socket.create_connection(("127.0.0.1", service.port)) as wire:
            wire.sendall(head % 10_000 + b"--b\r\n")
            while not ended.wait(0.5):
                try:
                    wire.sendall(b"x")
                except OSError:
                    return

    def bad() -> None:
        while not ended.is_set():
            for length in (10_000, 10**12):
                with socket.create_connection(("127.0.0.1", service.port)) as wire, suppress(OSError):
                    wire.sendall(head % length + b"--b\r\nContent-Disposition: form-data; name=file\r\n")
            ended.wait(0.5)

    threads = [threading.Thread(target=trickle) for _ in range(20)] + [threading.Thread(target=bad) for _ in range(20)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def run_killed(service: Service, pages: list[bytes]) -> dict[str, object]:
    jobs = []
    with httpx.Client(base_url=service.address, timeout=60) as http:
        for page in pages[:24]:
            jobs.append(http.post("/v1/jobs", files={"file": ("page.tif", page)}).json()["id"])
    service.process.send_signal(signal.SIGKILL)
    service.process.wait()
    service.start()
    states: dict[str, str] = {}
    with httpx.Client(base_url=service.address, timeout=60) as http:
        until = time.monotonic() + 900
        while len(states) < len(jobs) and time.monotonic() < until:
            for job in jobs:
                state = http.get(f"/v1/jobs/{job}").json()["state"]
                if state in {"done", "failed"}:
                    states[job] = state
            time.sleep(0.5)
    done = sum(state == "done" for state in states.values())
    return {"answers": len(jobs), "ok": done, "other": len(jobs) - done, "note": "accepted jobs, all killed once"}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pages", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--csv", type=Path, default=Path(__file__).with_suffix(".csv"))
    options = parser.parse_args()
    files = sorted(options.pages.glob("0*.tif"))
    pages = [path.read_bytes() for path in files]
    rows: list[dict[str, object]] = []

    def note(run: str, row: dict[str, object]) -> None:
        common: dict[str, object] = {"run": run, "workers": options.workers, "hardware": hardware()}
        common |= {"date": f"{datetime.date.today()}", "revision": revision()}
        rows.append(common | {"load_average": f"{os.getloadavg()[0]:.1f}"} | row)
        print(rows[-1], flush=True)
        with options.csv.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)

    with tempfile.TemporaryDirectory() as folder:
        config = for_workers(ReadingConfig(), options.workers)
        batch = BatchOptions(Path(folder) / "batch", workers=options.workers)
        progress = Batch([str(path) for path in files], WorkerSettings(config), batch).run()
        rate = progress.pages / progress.seconds
        note("batch", {"ok": progress.pages, "seconds": f"{progress.seconds:.1f}", "a_second": f"{rate:.3f}"})
        service = Service(Path(folder) / "state", options.workers)
        try:
            for clients in (1, 2, 4, 8):
                answers, seconds, peak = load(service, pages, clients, options.seconds)
                note("load", {"clients": clients, "peak_mb": f"{peak:.0f}"} | described(answers, seconds, rate))
            places = options.workers * 2 + 16
            answers, seconds, peak = load(service, pages, 5 * places, options.seconds)
            with httpx.Client(base_url=service.address, timeout=300) as http:
                status, after = ask(http, pages[0])
            row = {"clients": 5 * places, "peak_mb": f"{peak:.0f}"} | described(answers, seconds, rate)
            note("overload", row | {"note": f"the next single request: {status} after {after:.1f} s"})
            with bad_clients(service):
                answers, seconds, peak = load(service, pages, 2, options.seconds)
            note("bad clients", {"clients": 2, "peak_mb": f"{peak:.0f}"} | described(answers, seconds, rate))
            note("killed", run_killed(service, pages))
        finally:
            service.stop()


if __name__ == "__main__":
    main()
