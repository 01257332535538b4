"""Every expression of the services' domain and application is changed, and what is changed is noticed."""

import json
import random
from pathlib import Path

import pytest

from tooling.code_mutation import command
from tooling.code_mutation.command import SCOPES, MutantVerdict, format_report, main, read_verdicts, scope_files
from tooling.code_mutation.mutants import Mutant, generate_mutants, undecorate_properties
from tooling.mutation.command import MutationRunError
from tooling.mutation.report import EquivalenceReason, EquivalenceReasons, read_equivalent_mutants
from tooling.project import ROOT

LEDGER = Path("services/ledger/domain.py")
REASONS = read_equivalent_mutants(Path(command.__file__).parent)


def verdicts(**by_status):
    """So many mutants of each status, named by it and a number."""
    return [
        MutantVerdict(Mutant("key", LEDGER.as_posix(), f"{status} {number}"), status)
        for status, count in by_status.items()
        for number in range(count)
    ]


def test_a_mutant_is_called_by_its_function_and_its_line_before_and_after(tmp_path):
    (tmp_path / LEDGER).parent.mkdir(parents=True)
    (tmp_path / LEDGER).write_text("class Entry:\n    def counts(self):\n        return self.cents > 0\n")

    names = [mutant.name for mutant in generate_mutants(tmp_path, [LEDGER])]

    assert names == [
        "ledger.domain Entry.counts: return self.cents > 0 -> return self.cents >= 0",
        "ledger.domain Entry.counts: return self.cents > 0 -> return self.cents > 1",
    ]


def test_properties_have_mutants_as_methods_have(tmp_path):
    (tmp_path / LEDGER).parent.mkdir(parents=True)
    source = "class Entry:\n    @property\n    def counts(self):\n        return self.cents > 0\n\n    cents = 1\n"
    (tmp_path / LEDGER).write_text(source)
    namespace = {}
    exec(undecorate_properties(source), namespace)  # noqa: S102 - it is written above

    names = [mutant.name for mutant in generate_mutants(tmp_path, [LEDGER])]

    assert len(names) == 2
    assert all(name.startswith("ledger.domain Entry.counts: return self.cents > 0") for name in names)
    assert namespace["Entry"]().counts is True


def test_every_module_of_a_domain_and_an_application_is_in_one_scope():
    assert all(scope_files(scope) for scope in SCOPES)


def test_a_timeout_is_no_kill_and_an_equivalent_mutant_does_not_count():
    reasons = EquivalenceReasons([EquivalenceReason("survived 0", "It does the same.")])

    report = format_report(verdicts(killed=6, timeout=1, survived=2), reasons, seconds=1)

    assert "75.0 %" in report
    assert "survived 0: It does the same." in report
    assert "survived 1: SURVIVED" in report
    assert "timeout 0: TIMEOUT" in report


def test_a_mutant_that_was_not_judged_is_an_error(tmp_path):
    (mutant, _) = picked = [verdict.mutant for verdict in verdicts(killed=2)]
    results = tmp_path / "mutants" / f"{LEDGER}.meta"
    results.parent.mkdir(parents=True)
    results.write_text(json.dumps({"exit_code_by_key": {mutant.key: None}}))

    with pytest.raises(MutationRunError, match="did not judge 2 of 2"):
        read_verdicts(tmp_path, picked)


def test_a_pattern_that_is_found_in_no_name_has_nothing_judged(monkeypatch):
    monkeypatch.setattr("tooling.code_mutation.command.run_mutants", pytest.fail)

    assert main(["payment.domain", "--only", "no such name"]) == 0


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.pattern.partition(":")[0])
def test_a_reason_is_for_a_mutant_that_there_is(reason):
    module = reason.pattern.partition(" ")[0]
    file = Path("services", *module.split(".")).with_suffix(".py")

    assert [mutant.name for mutant in generate_mutants(ROOT, [file]) if EquivalenceReasons([reason]).of(mutant)]


def test_what_is_changed_in_a_domain_is_noticed():
    """A sample of one service, by a seed that is shown; `scripts/mutate_code.py` judges all."""
    seed = random.randrange(10_000)  # noqa: S311 - no secret
    domains = [scope for scope in SCOPES if scope.endswith(".domain")]
    scope = domains[seed % len(domains)]

    assert main([scope, "--sample", "4", "--seed", str(seed)]) == 0
