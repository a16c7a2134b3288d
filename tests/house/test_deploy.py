"""What is in ``deploy/`` fits the program: options, metrics, routes and files exist; containers are locked down."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from nordocr.serve.config import ServiceConfig
from nordocr.serve.metrics import Metrics

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
OPTIONS = (DEPLOY.parent / "tests" / "cli" / "options.txt").read_text(encoding="utf-8")
DOCKERFILES = ["Dockerfile", "Dockerfile.cuda"]


def options_of(verb: str) -> set[str]:
    """The long options of a verb, from the frozen table."""
    block = OPTIONS.split(f"nordocr {verb}\n")[1].split("\nnordocr ")[0]
    return set(re.findall(r"--[a-z-]+", block))


def documents(name: str) -> list[dict[str, Any]]:
    return [d for d in yaml.safe_load_all((DEPLOY / name).read_text(encoding="utf-8")) if d]


def pods() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name in ("kubernetes/batch.yaml", "kubernetes/service.yaml"):
        for document in documents(name):
            if document["kind"] in {"Job", "Deployment"}:
                found.append((document["kind"], document["spec"]["template"]["spec"]))
    return found


def commands() -> list[tuple[str, str]]:
    """Each call of nordocr: its verb and the rest of the line."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in DEPLOY.rglob("*") if path.is_file())
    text = re.sub(r'[\[\]",]', " ", text)
    calls = re.findall(
        r"(?:nordocr|CMD|args:|command:)\s+(serve|batch|watch)\b((?:\s+--?[^\n]*|\s+/[^\n]*)?(?:\n\s+--[^\n]*)*)", text
    )
    return [(verb, rest) for verb, rest in calls]


def test_every_option_exists() -> None:
    found = commands()
    assert {verb for verb, _ in found} == {"serve", "batch"}
    for verb, rest in found:
        used = set(re.findall(r"--[a-z-]+", rest))
        assert used <= options_of(verb), (verb, used - options_of(verb))
    assert {"--shard", "--worker-memory"} <= {o for _, rest in found for o in re.findall(r"--[a-z-]+", rest)}


@pytest.mark.parametrize("name", DOCKERFILES)
def test_images_run_as_nobody_in_particular_and_say_how_they_are(name: str) -> None:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    final = text[text.rindex("\nFROM ") :]
    user = re.search(r"^USER (\d+):(\d+)$", final, re.MULTILINE)
    assert user and int(user[1]) >= 10_000
    assert final.index("USER ") < final.index("ENTRYPOINT")
    assert "HEALTHCHECK" in final and "/health/live" in final
    assert re.search(r"^FROM \S+:\S*\d", final, re.MULTILINE)
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((DEPLOY.parent / part).exists() for part in source.split())
        ignored = (DEPLOY.parent / ".dockerignore").read_text(encoding="utf-8").splitlines()
        assert all(f"!{part}" in ignored for part in source.split())


def test_pods_are_locked_down() -> None:
    assert [kind for kind, _ in pods()] == ["Job", "Deployment"]
    for _, pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True
        (container,) = pod["containers"]
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"] is True
        assert context["allowPrivilegeEscalation"] is False
        assert context["capabilities"]["drop"] == ["ALL"]
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in pod["volumes"]}
        assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}
        assert "memory" in container["resources"]["limits"]


def test_as_many_pods_as_shards() -> None:
    (job,) = documents("kubernetes/batch.yaml")
    spec = job["spec"]
    line = " ".join(spec["template"]["spec"]["containers"][0]["args"])
    assert f'--shard "$((JOB_COMPLETION_INDEX + 1))/{spec["completions"]}"' in line
    assert spec["completionMode"] == "Indexed"


def test_probes_ask_for_routes_that_exist() -> None:
    text = (DEPLOY / "kubernetes" / "service.yaml").read_text(encoding="utf-8")
    routes = (DEPLOY.parent / "src" / "nordocr" / "serve" / "health.py").read_text(encoding="utf-8")
    for path in re.findall(r"path: (/health/\w+)", text):
        assert f'"{path}"' in routes


def test_the_dashboard_shows_metrics_that_exist() -> None:
    board = json.loads((DEPLOY / "grafana" / "dashboards" / "nordocr.json").read_text(encoding="utf-8"))
    asked = " ".join(target["expr"] for panel in board["panels"] for target in panel["targets"])
    served = {
        name
        for family in Metrics().registry.collect()
        for name in {
            "counter": [f"{family.name}_total"],
            "gauge": [family.name],
            "histogram": [f"{family.name}_{part}" for part in ("bucket", "sum", "count")],
        }[family.type]
    }
    used = set(re.findall(r"nordocr_\w+", asked))
    assert used <= served, used - served
    assert len(board["panels"]) >= 8


def test_compose_and_its_settings_fit_together() -> None:
    (compose,) = documents("compose.yaml")
    service = compose["services"]["nordocr"]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    for held in compose["services"].values():
        for volume in held["volumes"]:
            source = volume.split(":")[0]
            assert (DEPLOY / source).exists() if source.startswith(".") else source in compose["volumes"]
    (given,) = documents("service.yaml")
    config = ServiceConfig.model_validate(given)
    assert (config.port, str(config.state)) == (8000, "/state")
    (prometheus,) = documents("prometheus.yml")
    assert prometheus["scrape_configs"][0]["static_configs"][0]["targets"] == [f"nordocr:{config.port}"]


def test_the_documented_settings_are_all_there_are(repository: Path) -> None:
    text = (repository / "docs" / "serve.md").read_text(encoding="utf-8")
    block = text.split("```yaml\n")[1].split("```")[0]
    ServiceConfig.model_validate(yaml.safe_load(block))
    assert set(yaml.safe_load(block)) == set(ServiceConfig.model_fields) - {"docs"}
