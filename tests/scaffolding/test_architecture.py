"""A module that breaks the arrows, or stands in none of the layers, is noticed; so is an error in the wrong one."""

import pytest

from tests.scaffolding.commands import run_script

LINT = ("-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))")


@pytest.mark.parametrize(
    ("module", "text", "what"),
    [
        ("services/auth/stray.py", "", "stray"),
        ("services/cart/domain.py", "import services.cart.repository\n", "services.cart.domain"),
        ("services/payment/application.py", "import services.order.domain\n", "services.payment"),
        ("chassis/service.py", "import generated.services\n", "chassis.service"),
        ("services/stray.py", "", "services.stray"),
        ("services/money.py", "import services.settings\n", "services.money"),
        ("chassis/stray.py", "", "chassis.stray"),
        ("services/shipping/domain.py", "class Lost(LookupError): ...\n", "services/shipping/domain.py: Lost"),
        ("services/cart/ports.py", "class Full(problems.Unavailable): ...\n", "services/cart/ports.py: Full"),
    ],
    ids=[
        "in no layer",
        "outwards",
        "into another service",
        "from the chassis to what is generated",
        "beside the services",
        "outwards among what services share",
        "in no layer of the chassis",
        "an error among other things",
        "an error made of the chassis' own",
    ],
)
def test_a_module_that_does_not_fit_is_named(project, module, text, what):
    before = (project / module).read_text("utf-8") if (project / module).exists() else None
    (project / module).write_text(text + (before or ""), "utf-8")

    ended = run_script(project, *LINT)

    if before is None:
        (project / module).unlink()
    else:
        (project / module).write_text(before, "utf-8")
    assert ended.returncode == 1, ended.stdout
    assert what in ended.stdout
