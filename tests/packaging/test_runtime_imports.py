"""What a service takes into memory: nothing that it does not use while it runs."""

import subprocess
import sys

import pytest

from generated.services import SERVICES
from services import ROOT

UNUSED = {"alembic", "boto3", "botocore", "httpx", "mako", "pygments", "requests", "rich", "sqlalchemy", "urllib3"}
IMPORT = "import sys, services.{}.main; print(*sys.modules)"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_imports_nothing_that_it_does_not_use_while_it_runs(service):
    code = [sys.executable, "-c", IMPORT.format(service)]
    imported = subprocess.run(code, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()

    assert UNUSED.intersection(imported) == set()
