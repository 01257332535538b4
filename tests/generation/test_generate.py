"""scripts/generate.py as it is run: what it makes, that it makes it again, and what it refuses."""

import json
import sys
from pathlib import Path

import pytest

from chassis.contracts.errors import ContractError
from chassis.contracts.openapi import Api
from tooling.generation.command import main
from tooling.generation.gateway import GatewayRoute, render_routes

SCRIPT_HEADER = "Generated from contracts/catalog.yaml by scripts/generate.py. Do not edit."


def run_generate(sample, *arguments):
    return main(["--root", str(sample.root), *arguments])


def folder_contents(sample):
    folder = sample.root / "generated"
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_committed_is_what_would_be_made():
    assert main(["--check"]) == 0


def test_making_it_again_changes_no_byte_and_touches_no_file(sample):
    run_generate(sample)
    before, times = (
        folder_contents(sample),
        {path.stat().st_mtime_ns for path in (sample.root / "generated").rglob("*.py")},
    )

    run_generate(sample)

    assert folder_contents(sample) == before
    assert {path.stat().st_mtime_ns for path in (sample.root / "generated").rglob("*.py")} == times


def test_every_module_says_where_it_comes_from(sample):
    run_generate(sample)

    made = folder_contents(sample)
    assert SCRIPT_HEADER in made[Path("models/catalog.py")].decode()
    assert SCRIPT_HEADER in made[Path("clients/catalog.py")].decode()
    assert all(b"by scripts/generate.py" in text for path, text in made.items() if path.suffix != ".json")


def test_a_check_names_each_file_that_is_not_as_it_would_be_and_changes_none(sample, capsys):
    run_generate(sample)
    folder = sample.root / "generated"
    (folder / "access.py").write_text("# by hand\n")
    (folder / "topics.json").unlink()
    (folder / "models" / "extra.py").write_text("")
    before = folder_contents(sample)
    capsys.readouterr()

    code = run_generate(sample, "--check")

    assert code == 1
    assert capsys.readouterr().out.splitlines() == [
        "differs: generated/access.py",
        "surplus: generated/models/extra.py",
        "missing: generated/topics.json",
    ]
    assert folder_contents(sample) == before


def test_what_no_contract_asks_for_any_more_is_removed(sample):
    run_generate(sample)
    (sample.root / "generated" / "old").mkdir()
    (sample.root / "generated" / "old" / "module.py").write_text("")

    run_generate(sample)

    assert not (sample.root / "generated" / "old").exists()


CATALOG, SHOP = "contracts/catalog.yaml", "asyncapi/shop.yaml"
OPERATION = f"{CATALOG} paths /v1/inventory/reserve post"


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        pytest.param(f"{OPERATION} x-access", {"internal": []}, "x-access cannot be {'internal': []}", id="nobody"),
        pytest.param(f"{OPERATION} x-access", "open", "x-access cannot be 'open'", id="odd access"),
        pytest.param(f"{OPERATION} responses 200 description", None, "post/responses/200: ", id="no valid OpenAPI"),
        pytest.param(f"{CATALOG} servers", [{"url": "/goods"}], "servers is", id="a service without its prefix"),
        pytest.param(
            f"{CATALOG} components schemas ReservationStatus x-transitions HELD",
            ["SOLD"],
            "x-transitions of ReservationStatus does not fit its enum",
            id="a move to a state that is not there",
        ),
        pytest.param(
            f"{CATALOG} paths /v1/inventory/{{product_id}} post",
            {
                "operationId": "sell",
                "summary": "Sell",
                "x-access": "public",
                "responses": {"204": {"description": "Done"}},
            },
            "reserve_stock would be reached as sell",
            id="a public path that covers an internal one",
        ),
        pytest.param(
            f"{CATALOG} paths /v1/{{kind}}/latest get",
            {
                "operationId": "get_latest",
                "summary": "Ask",
                "x-access": {"internal": ["order"]},
                "responses": {"204": {"description": "Done"}},
            },
            "get_latest would be reached as get_label",
            id="a public path that crosses an internal one",
        ),
        pytest.param(
            f"{OPERATION} responses 200 content application/json schema",
            {"type": "object"},
            "an object has no name",
            id="an answer without a name",
        ),
        pytest.param(
            f"{OPERATION} responses 200",
            {"$ref": "common.yaml#/components/responses/Nothing"},
            "common.yaml#/components/responses/Nothing refers to nothing",
            id="a reference to nothing",
        ),
        pytest.param(
            f"{SHOP} components messages OrderCreated name",
            "order.made",
            "OrderCreated is named 'order.made' and says 'order.created'",
            id="a message of two names",
        ),
        pytest.param(
            f"{SHOP} channels orderEvents bindings kafka topic",
            "orders",
            "the Kafka binding of order.events does not fit it",
            id="a topic of two names",
        ),
    ],
)
def test_a_mistake_in_the_contracts_is_named_and_nothing_is_made(sample, capsys, place, value, said):
    sample.say(place, value)

    code = run_generate(sample)

    assert code == 2
    assert said in capsys.readouterr().err
    assert not (sample.root / "generated").exists()


def test_two_contracts_at_the_root_would_have_each_others_paths(tmp_path):
    health = {"get": {"operationId": "get_health", "x-access": "public", "responses": {}}}
    for name in ("pages", "office"):
        contract = {"servers": [{"url": "/"}], "paths": {f"/{name}": health}}
        (tmp_path / f"{name}.yaml").write_text(json.dumps(contract))

    with pytest.raises(ContractError, match="office and pages stand at the root"):
        render_routes(Api.load_all(tmp_path))


@pytest.mark.parametrize(
    ("limit", "statuses", "said"),
    [
        (5, [200], "x-rate-limit is"),
        ({"average": 5}, [200], "x-rate-limit is"),
        ({"average": 0, "burst": 5}, [200], "x-rate-limit is"),
        ({"average": "5", "burst": 5}, [200], "x-rate-limit is"),
        ({"average": 5, "burst": 5, "period": 1}, [200], "x-rate-limit is"),
        ({"average": 5, "burst": 5}, [200, 429], "answers 429 by itself"),
    ],
)
def test_a_rate_limit_that_is_none_or_would_hide_an_answer_is_refused(tmp_path, limit, statuses, said):
    responses = {str(status): {"description": "An answer."} for status in statuses}
    found = {"operationId": "find", "x-access": "public", "x-rate-limit": limit, "responses": responses}
    contract = {"servers": [{"url": "/pages"}], "paths": {"/found": {"get": found}}}
    (tmp_path / "pages.yaml").write_text(json.dumps(contract))

    with pytest.raises(ContractError, match=said):
        render_routes(Api.load_all(tmp_path))


def test_of_the_routes_that_fit_the_one_with_literals_further_to_the_left_comes_first():
    paths = ["/v1/stock/restock", "/v1/stock/{product_id}", "/v1/{kind}/restock", "/v1/{kind}/{id}"]

    priorities = [GatewayRoute("", "", path, [], []).priority for path in paths]

    assert priorities == sorted(set(priorities), reverse=True)
    assert min(priorities) > 1  # that of what no route takes


def test_each_topic_has_one_for_its_dead_letters(sample):
    run_generate(sample)

    assert json.loads((sample.root / "generated" / "topics.json").read_text()) == {
        "order.events": {
            "partitions": 6,
            "replicas": 1,
            "configuration": {"cleanup.policy": "delete", "retention.ms": "604800000"},
        },
        "order.events.dlq": {
            "partitions": 1,
            "replicas": 1,
            "configuration": {"max.message.bytes": "2097152", "retention.ms": "31536000000"},
        },
    }


def test_the_states_need_nothing_but_python(sample, monkeypatch):
    run_generate(sample)
    text = (sample.root / "generated" / "states.py").read_text()
    names = {}
    monkeypatch.setattr(sys, "path", [])

    exec(text, names)  # noqa: S102 - it has just been made, from the sample

    assert {str(state): state.successors for state in names["ReservationStatus"]} == {
        "HELD": {"COMMITTED", "RELEASED"},
        "COMMITTED": frozenset(),
        "RELEASED": frozenset(),
    }
    held = names["ReservationStatus"].HELD
    assert held.transition_to(held.COMMITTED) is held.COMMITTED
    with pytest.raises(names["IllegalTransition"], match="HELD cannot become HELD"):
        held.transition_to(held)


def test_two_schemas_of_one_name_are_not_put_into_one_bundle(sample, capsys):
    sample.say(f"{SHOP} components schemas Currency", {"type": "string", "maxLength": 3})
    sample.say(f"{SHOP} components schemas OrderedItem properties currency", {"$ref": "#/components/schemas/Currency"})

    code = run_generate(sample)

    assert code == 2
    assert "both have schemas/Currency" in capsys.readouterr().err
