"""The shop of a demo: one that runs already, or one that is started for it and stopped after it."""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from demo.console import Console
from infra.local import control, process_registry
from infra.local.process import StackError
from infra.local.run_dir import ROOT


class OpenShop(NamedTuple):
    """Where a shop is, as shop.json says it; and whether it was started here."""

    manifest: Mapping[str, Any]
    started_here: bool


@contextmanager
def open_shop(options: argparse.Namespace, console: Console) -> Iterator[OpenShop]:
    """Open a shop. One that is started here ends when this does, unless it is to be kept.

    Raises:
        StackError: It cannot start; nothing of it runs any more.
    """
    folder: Path = options.run_dir
    if "supervisor" in process_registry.read_registry(folder).running and (folder / "shop.json").exists():
        console.heading("A shop is open already")
        console.line(f"in {folder}; it stays open")
        yield OpenShop(control.read_manifest(folder), started_here=False)
        return
    console.heading("Opening the shop")
    supervisor, ready = _start(options), False
    try:
        for line in supervisor.stdout or ():
            console.line(line.rstrip())
        if supervisor.poll() is not None or not (folder / "shop.json").exists():
            raise StackError(f"the shop did not open; its logs are in {folder / 'logs'}.")
        ready = True
        yield OpenShop(control.read_manifest(folder), started_here=True)
    finally:
        if not (ready and options.keep):
            process_registry.stop_supervisor(folder)
            supervisor.communicate()


def _start(options: argparse.Namespace) -> "subprocess.Popen[str]":
    words = ["--run-dir", str(options.run_dir), "--ports", options.ports, "--kafka", options.kafka, "--background"]
    if not options.keep:
        words.append("--until-input-ends")  # however this process ends
    return subprocess.Popen([sys.executable, "-m", "infra.local.stack", *words], cwd=ROOT,
                            stdin=subprocess.DEVNULL if options.keep else subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            start_new_session=True)  # fmt: skip
