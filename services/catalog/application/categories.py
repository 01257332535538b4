"""What products are sorted into."""

from collections.abc import Sequence
from uuid import UUID

from uuid_utils.compat import uuid7

from services.catalog.domain import Category
from services.catalog.errors import CategoryNotFound
from services.catalog.ports import CategoryRepository, UnitOfWorkFactory


class CategoryService:
    def __init__(self, categories: CategoryRepository, unit_of_work: UnitOfWorkFactory) -> None:
        self._categories, self._unit_of_work = categories, unit_of_work

    async def list_all(self) -> Sequence[Category]:
        """In the order of their names."""
        return await self._categories.list_all()

    async def get(self, category_id: UUID) -> Category:
        """Raises: CategoryNotFound."""
        category = await self._categories.find(category_id)
        if category is None:
            raise CategoryNotFound
        return category

    async def add(self, name: str) -> Category:
        """Raises: CategoryNameTaken, TooManyCategories."""
        category = Category(uuid7(), name)
        async with self._unit_of_work() as work:
            await work.categories.add(category)
        return category

    async def rename(self, category: Category) -> Category:
        """Give it that name; the category as it then is. Raises: CategoryNotFound, CategoryNameTaken."""
        if not await self._categories.rename(category):
            raise CategoryNotFound
        return await self.get(category.id)

    async def remove(self, category_id: UUID) -> None:
        """Raises: CategoryNotFound, CategoryNotEmpty."""
        if not await self._categories.delete(category_id):
            raise CategoryNotFound
