"""Print the JSON Schema of a result."""

from __future__ import annotations

import json
import sys

from nordocr.results import json_schema

sys.stdout.write(json.dumps(json_schema(), indent=2) + "\n")
