"""Worlds for the tests of awards."""

import pytest

from tests.awards.worlds import World, found_world


@pytest.fixture
def world(db: None) -> World:
    """A company with 李雷 (001) and 韩梅梅 (002) in 销售部, 林涛 (003) in 仓库."""
    world = found_world("acme", "示例公司")
    sales, store = world.department("销售部"), world.department("仓库")
    world.hire("001", "李雷", sales, post="销售")
    world.hire("002", "韩梅梅", sales, post="主管")
    world.hire("003", "林涛", store, post="仓管")
    return world
