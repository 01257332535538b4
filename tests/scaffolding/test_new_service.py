"""A service made by scripts/new_service.py works at once: its tests are green, and the gateway leads to it."""

import json

import httpx
import pytest

from tests.scaffolding.commands import run_script


@pytest.fixture(scope="module")
def new_reviews_service(project):
    """The project with a service that has a database and receives an event, and one that has neither."""
    made = [
        run_script(project, "scripts/new_service.py", "reviews", "--database", "--events", "shipping.delivered"),
        run_script(project, "scripts/new_service.py", "wishes", "--item", "wish"),
    ]
    assert [one.returncode for one in made] == [0, 0], [one.stdout + one.stderr for one in made]
    return project


def test_its_own_tests_are_green(new_reviews_service):
    ended = run_script(new_reviews_service, "-m", "pytest", "services/reviews", "services/wishes")

    assert ended.returncode == 0, ended.stdout


def test_the_shop_starts_with_it_and_the_gateway_leads_to_it(new_reviews_service, tmp_path):
    run_dir = tmp_path / "run"
    options = ["--detach", "--ports", "free", "--run-dir", str(run_dir), "--services", "auth,reviews,wishes"]
    up = run_script(new_reviews_service, "scripts/up.py", *options)
    try:
        assert up.returncode == 0, up.stdout + up.stderr
        gateway = json.loads((run_dir / "shop.json").read_text("utf-8"))["gateway"]
        with httpx.Client(base_url=gateway, trust_env=False) as http:
            person = {"email": "asha@example.com", "password": "a lamp of walnut"}
            http.post("/auth/register", json=person)
            token = http.post("/auth/login", json=person).json()["access_token"]
            added = http.post(
                "/reviews/v1/reviews", json={"title": "Sturdy"}, headers={"Authorization": f"Bearer {token}"}
            )
            listed = [http.get(f"/{name}/v1/{name}") for name in ("reviews", "wishes")]
    finally:
        run_script(new_reviews_service, "scripts/down.py", "--run-dir", str(run_dir))

    assert added.status_code == 201
    assert [one.status_code for one in listed] == [200, 200]
    assert listed[0].json()["items"] == [added.json()]


@pytest.mark.deep
def test_every_check_is_green_with_it(new_reviews_service):
    ended = run_script(new_reviews_service, "scripts/check.py")

    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["review"], "say with --item"),
        (["carts", "--item", "cart", "--events", "order.created"], "need a database"),
        (["Reviews"], "cannot be its name"),
        (["ratings", "--database", "--events", "order.eaten"], "is none of the events"),
        (["orders", "--item", "class"], "cannot be its name"),
    ],
    ids=["no plural", "events without a database", "capitals", "an unknown event", "a word of Python"],
)
def test_what_cannot_be_made_is_said_and_changes_nothing(project, words, what):
    before = (project / "services.toml").read_bytes(), sorted((project / "services").iterdir())

    ended = run_script(project, "scripts/new_service.py", *words)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert what in ended.stderr
    assert ((project / "services.toml").read_bytes(), sorted((project / "services").iterdir())) == before


def test_a_service_that_is_there_is_not_made_again(new_reviews_service):
    ended = run_script(new_reviews_service, "scripts/new_service.py", "reviews")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "there is a service reviews already" in ended.stderr
