"""The settings of the service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from nordocr.errors import ConfigInvalid, InputMissing
from nordocr.yamlfile import load_yaml

_MEGABYTE = 1024 * 1024


class ServiceConfig(BaseModel):
    """How ``nordocr serve`` listens, what it refuses and where it keeps jobs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on; 0 takes any.")
    workers: int = Field(default=0, ge=0, description="Worker processes; 0 is one a core.")
    at_once: int = Field(default=2, ge=1, description="Documents that a worker has in hand at the same time.")
    worker_memory: int | None = Field(
        default=2 * 1024 * _MEGABYTE, description="Bytes from which a worker is replaced between documents."
    )
    batch_wait: float = Field(
        default=0.005, ge=0, le=1, description="Seconds that lines wait for those of other requests, at most."
    )
    state: Path = Field(default=Path("nordocr-state"), description="Folder for jobs and uploads.")
    max_bytes: int = Field(default=64 * _MEGABYTE, ge=1, description="Bytes of an upload.")
    max_pixels: int = Field(default=100_000_000, ge=1, description="Pixels of a page.")
    max_pages: int = Field(default=20, ge=1, description="Pages of a document that is read while the client waits.")
    max_job_pages: int = Field(default=5_000, ge=1, description="Pages of a document that is read as a job.")
    request_seconds: float = Field(default=60.0, gt=0, description="Seconds that reading a request may take.")
    job_seconds: float = Field(default=3600.0, gt=0, description="Seconds that reading a job may take.")
    upload_seconds: float = Field(default=60.0, gt=0, description="Seconds that an upload may take.")
    upload_rate: int = Field(
        default=1024,
        ge=1,
        description="Bytes a second that an upload must bring on average, after its first 5 seconds.",
    )
    max_uploads: int = Field(default=128, ge=1, description="Uploads at the same time; more are answered with 429.")
    max_waiting: int = Field(
        default=16, ge=0, description="Requests that may wait for a worker; more are answered with 429."
    )
    max_jobs: int = Field(default=1000, ge=0, description="Jobs that may wait; more are answered with 429.")
    keep_hours: float = Field(default=24.0, gt=0, description="Hours after which an ended job is deleted.")
    keys: dict[str, str] = Field(
        default={}, description="API keys: for each name the SHA-256 of its key in hexadecimal. None: no key is needed."
    )
    docs: bool = Field(default=True, description="Serve the OpenAPI description at /openapi.json.")

    @field_validator("keys")
    @classmethod
    def _hashes(cls, value: dict[str, str]) -> dict[str, str]:
        for name, digest in value.items():
            if len(digest) != 64 or not {*digest.lower()} <= {*"0123456789abcdef"}:
                raise ValueError(f"the key {name!r} is no SHA-256 in hexadecimal; nordocr serve --new-key makes one")
        return {name: digest.lower() for name, digest in value.items()}


def load_service_config(path: Path | None, options: dict[str, Any]) -> ServiceConfig:
    """Return the settings in a YAML file with the options of a command line over them.

    Args:
        path: The file; None for none.
        options: Keys and values; those that are None were not given.

    Raises:
        InputMissing: There is no such file.
        ConfigInvalid: A key is unknown or a value is out of range.
    """
    values: Any = {}
    if path is not None:
        if not path.is_file():
            raise InputMissing(f"There is no configuration file {path}.")
        values = load_yaml(path.read_text(encoding="utf-8-sig")) or {}
        if not isinstance(values, dict):
            raise ConfigInvalid(f"Configuration file {path} is no mapping of keys to values.")
    given = {key: value for key, value in options.items() if value is not None}
    try:
        return ServiceConfig.model_validate({**values, **given})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        where = path if key not in given and path is not None else "The command line"
        raise ConfigInvalid(f"{where} has a wrong value for {key!r}: {first['msg'].lower()}.") from error
