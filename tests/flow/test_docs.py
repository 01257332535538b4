"""What people and tools read about the contracts is behind the gateway, too, as soon as the shop is there."""

from infra.gateway.pages import published_files


async def test_every_page_and_file_is_behind_the_gateway(shop):
    answers = {address: await shop.http.get(f"/docs/{address}") for address in published_files()}

    assert {address: answer.status_code for address, answer in answers.items()} == dict.fromkeys(answers, 200)
    assert answers["openapi/shop.yaml"].headers["Access-Control-Allow-Origin"] == "*"


async def test_pages_may_ask_nobody_but_the_shop(shop):
    for page in ("", "openapi/shop.html", "nothing"):
        answer = await shop.http.get(f"/docs/{page}")

        said = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
        assert said.pop("img-src") == "'self' data:"
        assert set(said.values()) == {"'none'", "'self'"}
        assert said["default-src"] == "'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_nothing_can_be_sent_to_the_pages(shop):
    answer = await shop.http.post("/docs/", json={})

    assert answer.status_code == 404
