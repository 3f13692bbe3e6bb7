"""The tree of RFC 6962: known roots, and paths that reach them."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meritbook.ledger import merkle
from tests.ledger.books import Book, raw

# The leaves and roots of the test data of the RFC's reference implementation.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def hashes(count: int) -> list[bytes]:
    return [sha256(merkle.LEAF + leaf).digest() for leaf in LEAVES[:count]]


@pytest.mark.parametrize("count", ROOTS)
def test_known_roots(count: int) -> None:
    assert merkle.root(hashes(count)).hex() == ROOTS[count]


@given(st.integers(1, 70), st.data())
def test_every_leaf_reaches_the_root_by_its_path_and_no_other(
    count: int, data: st.DataObject
) -> None:
    leaves = [merkle.leaf_hash(str(n)) for n in range(count)]
    position = data.draw(st.integers(0, count - 1))
    steps = merkle.path(leaves, position)

    assert merkle.climb(leaves[position], steps) == merkle.root(leaves)
    assert merkle.climb(merkle.leaf_hash("another"), steps) != merkle.root(leaves)


def test_no_leaves_have_no_root() -> None:
    with pytest.raises(ValueError, match="leaf"):
        merkle.root([])


def test_the_database_makes_the_same_roots(book: Book) -> None:
    with raw("superuser") as owner:
        for count in (*range(1, 20), 64, 100):
            leaves = [merkle.leaf_hash(str(n)) for n in range(count)]
            made = owner.execute("SELECT ledger_merkle_root(%s)", [leaves]).fetchone()
            assert made is not None
            assert bytes(made[0]) == merkle.root(leaves), count
