"""Grafana's dashboard, as far as it can be held against what the services tell."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "infra/grafana/dashboards/shop.json"
LABELS_ADDED_BY_PROMETHEUS = {"service", "job", "instance"}  # by Prometheus, to every series
PROMETHEUS_OWN_METRICS = {"up": "gauge"}  # what Prometheus itself says of each target
SUFFIXES = {"histogram": ("_bucket", "_count", "_sum")}


class Query(NamedTuple):
    """What one line of a panel asks of Prometheus."""

    panel: str
    expression: str
    legend: str

    @property
    def metrics(self) -> set[str]:
        """The series it selects: every name that is neither a function nor within brackets of a kind."""
        text = re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", self.expression)
        text = re.sub(r"\b(by|without|on|ignoring)\s*\([^)]*\)", "", text)
        text = re.sub(r"\b(or|and|unless|offset \w+)\b", " ", text)
        return {name for name, call in re.findall(r"\b([a-zA-Z_:][\w:]*)\b\s*(\(?)", text) if not call}

    @property
    def labels(self) -> set[str]:
        """The labels it groups by, filters by and shows."""
        grouped = ",".join(re.findall(r"\bby\s*\(([^)]*)\)", self.expression)).split(",")
        filtered = re.findall(r"[{,]\s*(\w+)\s*(?:=~|!~|!=|=)", self.expression)
        shown = re.findall(r"\{\{(\w+)\}\}", self.legend)
        return {name.strip() for name in (*grouped, *filtered, *shown)} - {""}


def dashboard() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(DASHBOARD.read_text("utf-8"))
    return read


def queries() -> Iterator[Query]:
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", ()):
            yield Query(panel["title"], target["expr"], target["legendFormat"])


def series(text: str) -> dict[str, str]:
    """Every series that an exposition declares, whether it has samples or not, and of which kind it is."""
    read_metrics_text: dict[str, str] = {}
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE):
        read_metrics_text |= {f"{name}{suffix}": kind for suffix in SUFFIXES.get(kind, ("",))}
    return read_metrics_text
