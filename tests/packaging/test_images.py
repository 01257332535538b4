"""What the image is made of: locked packages, the shop, and nothing that is secret or not needed."""

import re
import shutil
import subprocess
import sys
import tomllib

import hcl2
import pytest
from docker.utils.build import exclude_paths

from generated.services import SERVICES
from infra.gateway.pages import published_files
from services import VERSION
from tests.packaging import compose, dockerfile

ROOT = compose.ROOT
STAGES = dockerfile.stages((ROOT / "infra/docker/service.Dockerfile").read_text("utf-8"))
PINNED_IMAGE_PATTERN = re.compile(r"^([a-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)

# Imports what an image starts, with none but the packages of its lock.
RUN = """
import sys
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.metadata import packages_distributions
from pathlib import Path

allowed = set(sys.argv[1].split(","))
tops = {top: {name.lower().replace("_", "-") for name in names} for top, names in packages_distributions().items()}

class OnlyLocked(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if path is None and name in tops and not tops[name] & allowed:
            return None
        return super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = OnlyLocked
for module in sys.argv[2].split(","):
    import_module(module)
removed = tuple(sys.argv[3].split(","))
assert not [name for name in sys.modules if f"{name}.".startswith(removed)]
imported = {module.__file__ for module in sys.modules.values() if getattr(module, "__file__", None)}
unused = {str(file) for file in Path("infra").rglob("*.py") if str(file.absolute()) not in imported}
assert unused == {"infra/docker/probe.py"}, unused  # which Docker runs
"""


def find_pins(lock):
    return dict(PINNED_IMAGE_PATTERN.findall((ROOT / lock).read_text("utf-8")))


# The Dockerfile


def test_a_container_does_not_run_as_root():
    users = [user for stage in dockerfile.stage_chain(STAGES, "service") for user in stage.all("USER")]

    assert users == ["10001:10001"]
    assert {compose.read_compose()["services"][one]["user"] for one in ("order", "seed", "secrets")} == set(users)


def test_a_container_that_is_not_told_otherwise_is_in_production():
    assert "ENVIRONMENT=production" in STAGES["service"].all("ENV")


def test_every_stage_begins_from_a_pinned_version_or_an_earlier_stage():
    for stage in STAGES.values():
        pinned = re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", stage.base)
        assert stage.base in {*STAGES, "scratch"} or pinned


def test_packages_are_installed_as_locked_and_checked_by_their_hashes():
    installing = [said for stage in STAGES.values() for said in stage.all("RUN") if "-m pip" in said]

    assert len(installing) == 1
    for option in ("--require-hashes", "--no-deps", "--only-binary=:all:", "-r /requirements-service.lock"):
        assert option in installing[0]
    assert "--without-pip" in installing[0]


def test_an_image_is_built_from_nothing_but_the_repository_and_the_lock():
    for name, stage in STAGES.items():
        commands = "\n".join(stage.all("RUN"))
        assert not stage.all("ADD")
        assert not re.search(r"curl|wget|git clone", commands)
        assert re.findall(r"apt-get install .*", commands) == (
            ["apt-get install -qq --yes --no-install-recommends binutils"] if name == "packages" else []
        )
        assert not [said for said in stage.all("ARG") + stage.all("ENV") if re.search("PASS|KEY|SECRET|TOKEN", said)]
    assert not STAGES["service"].all("RUN")


def test_the_same_commit_gives_the_same_bytes():
    copied = [source.split()[0].removeprefix("--from=") for source in STAGES["service"].all("COPY")]

    assert sorted(copied) == ["packages", "shop", "system"]
    for name in copied:
        commands = " ".join(STAGES[name].all("RUN"))
        assert "PYTHONHASHSEED=0 python -m compileall -q --invalidation-mode" in commands
        assert STAGES[name].all("RUN")[-1].endswith("-exec touch --no-dereference --date=@315532800 {} +")
        assert "--no-compile" in commands or "pip install" not in commands


def test_an_image_says_what_it_is():
    (labels,) = STAGES["service"].all("LABEL")
    given = dict(re.findall(r'org\.opencontainers\.image\.(\w+)=("[^"]+"|\S+)', labels))

    assert given.keys() >= {"title", "version", "revision", "created"}
    assert {given[name] for name in ("version", "revision", "created")} == {"${VERSION}", "${REVISION}", "${CREATED}"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_the_first_process_of_its_container_and_so_is_told_to_stop(name):
    container = compose.read_compose()["services"][name]

    assert container["command"] == ["python", "-m", f"services.{name}.main"]
    assert STAGES["service"].all("STOPSIGNAL") == ["SIGTERM"]
    assert STAGES["service"].all("EXPOSE") == [container["environment"]["PORT"]]


def test_the_job_can_write_every_folder_that_is_mounted_for_it():
    mounted = compose.mounts(compose.read_compose()["services"]["secrets"])
    made = re.findall(r" ((?:secrets|volumes)/[\w-]+)", " ".join(STAGES["shop"].all("RUN")))
    made += [f"secrets/{name}" for name in SERVICES]  # by generated/services.py, where the image is built

    assert sorted(f"/{folder}" for folder in made) == sorted(mounted)


# What is in it


def test_the_image_has_every_service_and_no_test():
    files = [str(file) for file, _ in dockerfile.copied_files(STAGES, "shop", {})]

    assert {*(f"services/{name}/main.py" for name in SERVICES), *(f"contracts/{name}.yaml" for name in SERVICES)} <= {
        *files
    }
    assert not [
        file for file in files if re.search(r"test|__pycache__|\.pyc$|\.md$|/\.|\.run|contracts/(pacts|released)", file)
    ]


def test_what_is_in_an_image_runs_with_the_packages_of_its_lock_alone(tmp_path):
    for file, place in dockerfile.copied_files(STAGES, "shop", {}):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / place)
    started = [
        *(f"services.{name}.main" for name in SERVICES),
        "infra.seeding",
        "infra.redrive",
        "infra.republish",
        "infra.docker.secret_files",
        "infra.gateway.problems",
    ]
    allowed = {name.replace("_", "-") for name in find_pins("requirements-service.lock")}

    removed = re.findall(r"rm -rf? ([^&]+)", " ".join(STAGES["packages"].all("RUN") + STAGES["system"].all("RUN")))
    modules = [path.rstrip("*").replace("/", ".") for paths in removed for path in paths.split() if path[0].isalpha()]

    command = [sys.executable, "-B", "-c", RUN, ",".join(allowed), ",".join(started), ",".join(modules)]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_image_has_all_that_is_published_about_the_contracts():
    files = {ROOT / file for file, _ in dockerfile.copied_files(STAGES, "shop", {})}
    places = {place for needed in published_files().values() for place in needed if place.exists()}

    packaged = {place for place in places if "flask_swagger_ui" in place.parts}
    assert packaged
    assert "flask-swagger-ui" in find_pins("requirements-service.lock")
    assert places - packaged <= files


def test_nothing_secret_or_large_reaches_a_builder(tmp_path):
    kept = ["services/order/main.py", "contracts/order.yaml", "generated/events.py", "requirements-service.lock"]
    away = [".env", "secrets/admin_password", ".git/config", ".venv/lib/a.py", ".run/secrets.json", ".run-2/shop.json"]
    away += [
        ".cache/kafka",
        "reports/out.xml",
        "tests/shop.py",
        "services/order/tests/test_domain.py",
        "node_modules/a.js",
    ]
    away += ["services/order/.env", "services/order/__pycache__/main.pyc", "infra/local/tests/test_s3.py", "id_rsa"]
    for name in kept + away:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    lines = (ROOT / ".dockerignore").read_text().splitlines()

    passed = exclude_paths(str(tmp_path), [line for line in lines if line and not line.startswith("#")])

    assert {name for name in passed if (tmp_path / name).is_file()} - {".dockerignore"} == set(kept)


# The lock


def test_the_lock_of_the_images_has_the_versions_that_are_tested():
    service, run, dev = (find_pins(f"requirements{kind}.lock") for kind in ("-service", "", "-dev"))

    assert {name: run[name] for name in service if name in run} == {
        name: service[name] for name in service if name in run
    }
    assert service.items() <= dev.items()


def test_the_lock_of_the_images_has_all_that_services_ask_for_and_nothing_of_the_local_stack():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]

    def names(wanted):
        return {re.match(r"[A-Za-z0-9_-]+", one)[0].lower() for one in wanted}

    locked = find_pins("requirements-service.lock").keys()
    assert names(project["dependencies"]) | names(extras["telemetry"]) <= locked
    assert not names(extras["stack"]) & locked


def test_every_package_of_the_lock_has_hashes():
    for entry in re.split(r"\n(?=\S)", (ROOT / "requirements-service.lock").read_text("utf-8").strip()):
        assert re.match(r"\S+==\S+", entry)
        assert "--hash=sha256:" in entry


# Bake


def plain(value):
    """What HCL says, without the quotation marks that the parser keeps."""
    if isinstance(value, dict):
        return {name.strip('"'): plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.strip('"') if isinstance(value, str) else value


def test_bake_builds_the_image_that_compose_builds():
    bake = plain(hcl2.loads((ROOT / "docker-bake.hcl").read_text()))
    variables = {name: one["default"] for block in bake["variable"] for name, one in block.items()}
    ((target,),) = (block.values() for block in bake["target"])
    building = compose.read_compose()["services"]["secrets"]

    assert [tag.replace("${SHOP_VERSION}", variables["SHOP_VERSION"]) for tag in target["tags"]] == [building["image"]]
    assert (target["context"], target["dockerfile"]) == (building["build"]["context"], building["build"]["dockerfile"])
    wanted = {name for said in STAGES["service"].all("ARG") for name in said.split()}
    assert target["args"].keys() == wanted | {"SOURCE_DATE_EPOCH"}


def test_compose_builds_the_one_image_once():
    containers = compose.read_compose()["services"].values()
    (building,) = [one for one in containers if "build" in one]

    assert building["command"] == ["python", "-m", "infra.docker.secret_files"], "it comes before all others"
    assert (ROOT / building["build"]["dockerfile"]).is_file()
    assert building["build"]["args"] == {"VERSION": VERSION}
    assert {one["image"] for one in containers if one["image"].startswith("shop/")} == {f"shop/service:{VERSION}"}
