"""All that is generated: the text of every file, and how it comes into its folder."""

from pathlib import Path
from tempfile import TemporaryDirectory

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.openapi import Api
from chassis.contracts.references import JsonObject
from chassis.web.application import validate_contract
from tooling.documentation.pages import openapi_documents, render_pages
from tooling.generation.access import render_access_module, render_access_page
from tooling.generation.clients import render_clients
from tooling.generation.common_passwords import render_common_passwords
from tooling.generation.compose import build_containers, render_compose_files, render_service_list
from tooling.generation.currencies import render_currencies
from tooling.generation.event_bundles import build_event_bundles
from tooling.generation.events import iterate_events
from tooling.generation.gateway import render_routes
from tooling.generation.kubernetes import iterate_workloads, render_manifests
from tooling.generation.models import render_models
from tooling.generation.openapi_bundles import build_bundles
from tooling.generation.rendering import format_folder, render_template, to_json, to_yaml
from tooling.generation.statements import SOURCE, render_statements
from tooling.generation.states import render_states_module
from tooling.generation.topics import render_topics
from tooling.project import shared_messages

PACKAGE_DOCSTRINGS = {
    "__init__.py": "What is derived from the contracts, and from the services' statements.",
    "models/__init__.py": "Wire models, one module per contract.",
    "clients/__init__.py": "Typed clients, one module per service.",
    "statements/__init__.py": "What each service asks its database, one module per service.",
}


def render_contract_files(contracts: list[Api], shop: EventApi, structs: dict[str, str]) -> dict[str, str]:
    """What each file of generated/ says, before it is tidied; `structs` are the wire models."""
    files = {
        name: add_header("contracts/ and asyncapi/", f'"""{sentence}"""\n')
        for name, sentence in PACKAGE_DOCSTRINGS.items()
    }
    files["access.py"] = add_header("contracts/", render_access_module(contracts))
    page_note = "<!-- Generated from contracts/ by scripts/generate.py. Do not edit. -->"
    files["access.md"] = f"{page_note}\n\n{render_access_page(contracts)}"
    files["common_passwords.py"] = add_header("the lists of zxcvbn", render_common_passwords())
    files["currencies.py"] = add_header("ISO 4217", render_currencies())
    files["states.py"] = add_header("contracts/", render_states_module(contracts))
    files["gateway/routes.yml"] = add_header("contracts/", render_routes(contracts))
    files["topics.json"] = render_topics(shop)  # without a head: JSON has no comments
    for name, text in render_clients(contracts).items():
        files[f"clients/{name}.py"] = add_header(f"contracts/{name}.yaml", text)
    text = render_template("events.py.jinja", structs=structs["events"], events=list(iterate_events(shop)))
    files["events.py"] = add_header(f"asyncapi/{shop.document.path.name}", text)
    for api in contracts:
        files[f"models/{api.name}.py"] = add_header(f"contracts/{api.name}.yaml", structs[api.name])
    return files


def render_bundles(kind: str, source: str, bundles: dict[str, JsonObject]) -> dict[str, str]:
    """The files of the bundles."""
    files = {f"bundled/{kind}/{name}.yaml": add_header(source, to_yaml(bundle)) for name, bundle in bundles.items()}
    return files | {f"bundled/{kind}/{name}.json": to_json(bundle) for name, bundle in bundles.items()}


def write_files(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def add_header(source: str, text: str) -> str:
    return f"# Generated from {source} by scripts/generate.py. Do not edit.\n\n{text}"


def generate_all_files(root: Path) -> dict[str, bytes]:
    """Every file of generated/ as it should be, by its path below it."""
    contracts = Api.load_all(root / "contracts")
    for api in contracts:
        validate_contract(api)
    event_apis = EventApi.load_all(root / "asyncapi")
    shop = shared_messages(event_apis)
    with TemporaryDirectory() as made:
        folder = Path(made, "generated")
        made_of = "contracts/, asyncapi/ and the services' settings"
        cluster = {
            name: add_header(made_of, text) for name, text in render_manifests(contracts, event_apis, root).items()
        }
        files = render_contract_files(contracts, shop, render_models(contracts, shop)) | cluster
        if services := build_containers(list(iterate_workloads(contracts, event_apis, root)), root):
            sources = "services.toml and the services' settings"
            files["services.py"] = add_header(sources, render_service_list(services))
            files |= {name: add_header(sources, text) for name, text in render_compose_files(services, root)}
        files |= render_bundles("openapi", "contracts/", build_bundles(contracts))
        files |= render_bundles("asyncapi", "asyncapi/", build_event_bundles(event_apis))
        files |= {f"docs/{name}": text for name, text in render_pages(root, openapi_documents(files)).items()}
        write_files(folder, files)
        statements = {
            f"statements/{name}.py": add_header(SOURCE.format(name), text)
            for name, text in render_statements(root, folder).items()
        }
        write_files(folder, statements)
        format_folder(folder)
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        } | {name: text.encode() for name, text in files.items() if name.startswith("../")}
