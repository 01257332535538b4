"""Pages to look at after the tests, in reports/pages."""

from PIL import Image

from demo.screenshots import IN_README, README_PICTURES, SHOTS, take_screenshots
from tests.browser.pages import BUYER, ROOT

PAGES = ROOT / "reports" / "pages"


async def test_ten_pages_are_there_to_be_looked_at(shop, browser, sessions, stage):
    PAGES.mkdir(parents=True, exist_ok=True)
    gateway = shop.manifest["gateway"]
    await take_screenshots(browser, gateway, sessions[BUYER], stage, names=list(SHOTS), folder=PAGES)

    for name, shot in SHOTS.items():
        with Image.open(PAGES / f"{name}.png") as page:
            assert page.size == (shot.width, shot.height)
            assert len(page.getcolors()) > 100  # there is something to be seen


def test_the_readme_shows_three_of_them():
    shown = {f"({(README_PICTURES / f'{name}.png').relative_to(ROOT)})" for name in IN_README}
    readme = (ROOT / "README.md").read_text("utf-8")

    assert [picture for picture in shown if picture not in readme] == []
    assert {file.stem for file in README_PICTURES.glob("*.png")} == set(IN_README)
