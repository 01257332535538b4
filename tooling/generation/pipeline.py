"""All that is generated: the text of every file, and how it comes into its folder."""

from pathlib import Path
from tempfile import TemporaryDirectory

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.openapi import Api
from chassis.contracts.references import Object
from tooling.documentation.pages import openapi_documents, pages
from tooling.generation.access import access
from tooling.generation.bundles import bundles
from tooling.generation.clients import clients
from tooling.generation.common_passwords import common_passwords
from tooling.generation.compose import compose, containers, service_list
from tooling.generation.currencies import currencies
from tooling.generation.event_bundles import event_bundles
from tooling.generation.events import events
from tooling.generation.gateway import routes
from tooling.generation.kubernetes import kubernetes, workloads
from tooling.generation.models import models
from tooling.generation.rendering import json_of, render, tidy, yaml_of
from tooling.generation.states import states
from tooling.generation.topics import topics
from tooling.project import shared_messages

PACKAGES = {
    "__init__.py": "What is derived from the contracts.",
    "models/__init__.py": "Wire models, one module per contract.",
    "clients/__init__.py": "Typed clients, one module per service.",
}


def render_all(contracts: list[Api], shop: EventApi, structs: dict[str, str]) -> dict[str, str]:
    """What each file of generated/ says, before it is tidied; `structs` are the wire models."""
    files = {
        name: with_header("contracts/ and asyncapi/", f'"""{sentence}"""\n') for name, sentence in PACKAGES.items()
    }
    files["access.py"] = with_header("contracts/", access(contracts))
    files["common_passwords.py"] = with_header("the lists of zxcvbn", common_passwords())
    files["currencies.py"] = with_header("ISO 4217", currencies())
    files["states.py"] = with_header("contracts/", states(contracts))
    files["gateway/routes.yml"] = with_header("contracts/", routes(contracts))
    files["topics.json"] = topics(shop)  # without a head: JSON has no comments
    for name, text in clients(contracts).items():
        files[f"clients/{name}.py"] = with_header(f"contracts/{name}.yaml", text)
    text = render("events.py.jinja", structs=structs["events"], events=list(events(shop)))
    files["events.py"] = with_header(f"asyncapi/{shop.document.path.name}", text)
    for api in contracts:
        files[f"models/{api.name}.py"] = with_header(f"contracts/{api.name}.yaml", structs[api.name])
    return files


def bundled(kind: str, source: str, bundles: dict[str, Object]) -> dict[str, str]:
    """The files of the bundles."""
    files = {f"bundled/{kind}/{name}.yaml": with_header(source, yaml_of(bundle)) for name, bundle in bundles.items()}
    return files | {f"bundled/{kind}/{name}.json": json_of(bundle) for name, bundle in bundles.items()}


def with_header(source: str, text: str) -> str:
    return f"# Generated from {source} by scripts/generate.py. Do not edit.\n\n{text}"


def generate(root: Path) -> dict[str, bytes]:
    """Every file of generated/ as it should be, by its path below it."""
    contracts = Api.load_all(root / "contracts")
    event_apis = EventApi.load_all(root / "asyncapi")
    shop = shared_messages(event_apis)
    with TemporaryDirectory() as made:
        folder = Path(made, "generated")
        made_of = "contracts/, asyncapi/ and the services' settings"
        cluster = {name: with_header(made_of, text) for name, text in kubernetes(contracts, event_apis, root).items()}
        files = render_all(contracts, shop, models(contracts, shop)) | cluster
        if services := containers(list(workloads(contracts, event_apis, root)), root):
            sources = "services.toml and the services' settings"
            files["services.py"] = with_header(sources, service_list(services))
            files |= {name: with_header(sources, text) for name, text in compose(services, root)}
        files |= bundled("openapi", "contracts/", bundles(contracts))
        files |= bundled("asyncapi", "asyncapi/", event_bundles(event_apis))
        files |= {f"docs/{name}": text for name, text in pages(root, openapi_documents(files)).items()}
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        tidy(folder)
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        } | {name: text.encode() for name, text in files.items() if name.startswith("../")}
