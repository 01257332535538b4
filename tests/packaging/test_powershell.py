"""run_demo.ps1: PowerShell by its grammar, none that 5.1 lacks; operations and mails as the shop has them."""

import re

import pytest
import tree_sitter
import tree_sitter_powershell

from demo.scenario import LAMP, MUG, QUICK_ORDERS
from features.shop.mailbox import SUBJECTS
from generated.access import OPERATIONS
from infra.credentials import ADMIN_CREDENTIALS, DEVELOPMENT_OPERATOR_KEY
from infra.local.run_dir import ROOT

FILE = ROOT / "scripts" / "run_demo.ps1"
TEXT = FILE.read_text("utf-8")
SCENARIO = re.sub(  # but what run_demo.py does only if it is asked to, by --unsure
    r"    async def pay_unsure_provider.*?(?=\n    async def )",
    "",
    (ROOT / "demo" / "scenario.py").read_text("utf-8"),
    flags=re.DOTALL,
)
MAILBOX = (ROOT / "features" / "shop" / "mailbox.py").read_text("utf-8")
PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
# What 5.1 takes for something else, or does not know, though a grammar may pass it.
NEWER_SYNTAX_NODES = {
    "pipeline_chain_tail",
    "ternary_expression",
    "null_coalesce_expression",
    "null_conditional_access",
}
NEWER_PARAMETERS = {
    f"-{name}"
    for name in (
        "AsHashtable", "Parallel", "SkipHttpErrorCheck", "Form", "Authentication", "StatusCodeVariable", "NoProxy",
        "AsArray", "AllowUnencryptedAuthentication", "MaximumRetryCount", "RetryIntervalSec", "SkipCertificateCheck",
        "ResponseHeadersVariable",
    )
}  # fmt: skip
NEWER_COMMANDS = ("Join-String", "Get-Error", "Test-Json", "Remove-Alias", "Get-Uptime", "ConvertTo-CliXml")


def nodes(text):
    """All that the grammar finds, errors among it."""
    waiting = [PARSER.parse(text.encode()).root_node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.children)


def find_newer_features(text):
    """The lines that are not PowerShell 5.1."""
    wrong = {node.start_point.row + 1 for node in nodes(text) if node.is_error or node.is_missing}
    return sorted(wrong | {node.start_point.row + 1 for node in nodes(text) if node.type in NEWER_SYNTAX_NODES})


def test_the_script_is_powershell_and_none_that_5_1_lacks():
    assert find_newer_features(TEXT) == []
    said = {node.text.decode() for node in nodes(TEXT) if node.type in {"command_parameter", "command_name"}}
    assert not said & {*NEWER_PARAMETERS, *NEWER_COMMANDS}
    assert not re.search(r"\$(IsWindows|IsLinux|IsMacOS|IsCoreCLR|PSStyle)\b", TEXT)


@pytest.mark.parametrize(
    "line",
    ["$a = $b ? 1 : 2", "$a ?? 3", "$a ??= 3", "${a}?.b", "Get-A && Get-B", "Get-A || Get-B", "if ($a) { 1", "Get-A |"],
)
def test_what_5_1_lacks_is_noticed(line):
    assert find_newer_features(f"$ok = 1\n{line}\n")


def test_the_script_is_read_alike_by_5_1_whatever_the_machines_code_page():
    assert TEXT.isascii()
    assert not TEXT.startswith("\ufeff")


def test_commands_are_called_by_their_names_and_not_by_aliases():
    called = {node.text.decode() for node in nodes(TEXT) if node.type == "command_name"} - {"$Do", "$Ask"}

    assert all(re.fullmatch(r"[A-Z][A-Za-z]+-[A-Z][A-Za-z]+|Step", name) for name in called), called
    made = set(re.findall(r"^function ([\w-]+)", TEXT, re.MULTILINE))
    known = {
        "Set-StrictMode",
        "Get-Help",
        "Write-Host",
        "Start-Sleep",
        "ConvertTo-Json",
        "Invoke-RestMethod",
        "New-Object",
    }
    assert called - made <= known | {"Out-Null", "Where-Object"}
    assert made <= called


def test_every_request_is_an_operation_of_the_contracts():
    operations = [access for named in OPERATIONS.values() for access in named.values()]
    calls = re.findall(r"-Method '(\w+)' -Path \(?'([^'?]+)", TEXT)

    assert len(calls) >= 12
    assert TEXT.count("Invoke-Shop -Method") == len(calls)
    for method, path in calls:
        meant = [one for one in operations if one.method == method
                 and re.sub(r"\{\w+\}", "{0}", one.path) == path]  # fmt: skip
        assert len(meant) == 1, (method, path)
        assert not meant[0].internal or "operator" in meant[0].internal, path


def test_the_inbox_is_asked_as_the_features_ask_it():
    ((path, query),) = re.findall(r"'(/api/[^?']+)\?([^']+)'", TEXT)

    assert f'"{path}"' in MAILBOX
    assert set(re.findall(r"(\w+)=", query)) == set(
        re.findall(r"(\w+)=", MAILBOX.partition("QueryParams(")[2].partition(")")[0])
    )


def test_a_shop_in_development_needs_no_parameters():
    defaults = dict(re.findall(r"^    \[\w+\]\$(\w+) = '?([^',\n]+)'?,?$", TEXT, re.MULTILINE))

    assert defaults["Gateway"] == "http://localhost"
    assert defaults["Mail"] == "http://localhost:8025"
    assert (defaults["AdminEmail"], defaults["AdminPassword"]) == (
        ADMIN_CREDENTIALS["email"],
        ADMIN_CREDENTIALS["password"],
    )
    assert (defaults["OperatorKey"], int(defaults["QuickOrders"])) == (DEVELOPMENT_OPERATOR_KEY, QUICK_ORDERS)


def test_the_scenario_is_that_of_run_demo_py():
    assert LAMP in TEXT
    assert MUG in TEXT
    news = [SUBJECTS[one] for one in re.findall(r'_mailed\("([^"]+)"\)', SCENARIO)]
    mails = re.findall(r"Step-Mail \$asha\.email \('([^']+)'", TEXT)
    assert [mail.replace("{0}", "{}") for mail in mails] == news
    chapters = re.findall(r'chapter\("([^"]+)"\)', SCENARIO)
    assert [one for one in re.findall(r"Write-Chapter '([^']+)'", TEXT) if one in chapters] == chapters


def test_every_parameter_is_explained():
    declared = re.findall(r"^    \[\w+\]\$(\w+)", TEXT.partition("param(")[2].partition("\n)")[0], re.MULTILINE)

    assert re.findall(r"^\.PARAMETER (\w+)", TEXT, re.MULTILINE) == declared
