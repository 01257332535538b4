"""What people read about the contracts is behind the gateway, too."""


async def test_the_pages_about_the_contracts_are_behind_the_gateway(shop):
    answer = await shop.http.get("/docs/")

    assert answer.status_code == 200
    assert "Who hears whom" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_nothing_can_be_sent_to_the_pages(shop):
    answer = await shop.http.post("/docs/", json={})

    assert answer.status_code == 404
