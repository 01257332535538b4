"""What people look at who look at the shop for the first time."""

import pytest

from demo.draw_pictures import page_drawings, sample_drawings
from demo.sample_data import PICTURES, SAMPLES, add_sample_data


async def test_the_sample_data_is_there_once_with_its_pictures_and_pieces(shop):
    for _ in range(2):
        await add_sample_data(shop)

    products = {one.sku: one for sample in SAMPLES for one in await shop.admin.list_products(sample.title)}
    found = [one.sku for sample in SAMPLES for one in await shop.admin.list_products(sample.title)]
    assert [found.count(sample.sku) for sample in SAMPLES] == [1] * len(SAMPLES)
    for sample in SAMPLES:
        product = products[sample.sku]
        images = await shop.gateway.catalog.list_images(product_id=product.id, token=shop.admin.token)
        assert [image.alt for image in images] == list(sample.pictures.values())
        movements = await shop.gateway.catalog.list_stock_movements(product_id=product.id, token=shop.admin.token)
        # not what is in stock, as other tests have bought of it
        assert [movement.qty for movement in movements.items] == ([sample.pieces] if sample.pieces else [])
    assert "Walnut desk lamp" in (await shop.http.get("/search?q=walnut")).text


@pytest.mark.parametrize(("file", "drawing"), page_drawings().items(), ids=lambda one: getattr(one, "stem", ""))
def test_a_picture_of_the_pages_is_the_one_that_is_drawn(file, drawing):
    assert file.read_text("utf-8") == drawing


def test_every_picture_of_a_product_is_drawn():
    assert set(PICTURES.glob("*.png")) == sample_drawings().keys()
