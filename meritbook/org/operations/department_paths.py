"""Department paths as people write them, found or made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from meritbook.kit.sheets import plain
from meritbook.org.models import Department
from meritbook.org.operations.rows import new_ids
from meritbook.org.queries.departments import departments

Path = tuple[str, ...]


class _Node:
    """A department that is there or is to be made."""

    __slots__ = ("children", "id", "name", "parent", "path_ids")

    def __init__(self, *, name: str, parent: "_Node | None", id: int | None) -> None:  # noqa: A002
        self.name = name
        self.parent = parent
        self.id = id
        self.children: dict[str, _Node] = {}

    @property
    def path(self) -> str:
        return f"{self.parent.path}/{self.name}" if self.parent else self.name


@dataclass(frozen=True)
class PathsFound:
    """``ids`` of each path asked for, those made (``created`` by path), and the unclear ones.

    ``unclear`` maps a path to the departments that it may mean.
    """

    ids: Mapping[Path, int]
    created: Mapping[str, int]
    unclear: Mapping[Path, tuple[str, ...]]


def ensure_departments(*, company_id: int, paths: Iterable[Path]) -> PathsFound:
    """Find each path from a root; make what is missing.

    A path that begins with no root, but with the name of one department that is stored below,
    means that one ("华南组" where only 销售部/华南组 is called so); where several are called so it
    is unclear. What the same call makes does not count: the order of paths does not matter.
    """
    wanted = list(dict.fromkeys(paths))
    roots: dict[str, _Node] = {}
    by_id: dict[int, _Node] = {}
    for each in departments(company_id=company_id).values():
        parent = by_id.get(each.parent_id) if each.parent_id else None
        node = _Node(name=each.name, parent=parent, id=each.id)
        by_id[each.id] = node
        (parent.children if parent else roots)[plain(each.name)] = node
    missing: list[_Node] = []
    found: dict[Path, _Node] = {}
    unclear: dict[Path, tuple[str, ...]] = {}

    def walk(start: dict[str, _Node], parent: _Node | None, names: Path) -> _Node:
        level, above = start, parent
        for name in names:
            node = level.get(plain(name))
            if node is None:
                node = level[plain(name)] = _Node(name=name, parent=above, id=None)
                missing.append(node)
            level, above = node.children, node
        if above is None:
            raise ValueError("an empty department path")
        return above

    known_roots = frozenset(roots)
    namesakes = {
        path: _called(roots, plain(path[0])) for path in wanted if plain(path[0]) not in known_roots
    }
    for path in wanted:
        same = namesakes.get(path, [])
        if len(same) > 1:
            unclear[path] = tuple(node.path for node in same)
        elif same:
            found[path] = walk(same[0].children, same[0], path[1:])
        else:
            found[path] = walk(roots, None, path)
    created = _make(company_id=company_id, nodes=missing)
    return PathsFound(
        ids={path: node.id for path, node in found.items() if node.id is not None},
        created=created,
        unclear=unclear,
    )


def _called(level: Mapping[str, _Node], key: str) -> list[_Node]:
    same = []
    for node_key, node in level.items():
        if node_key == key:
            same.append(node)
        same += _called(node.children, key)
    return same


def _make(*, company_id: int, nodes: list[_Node]) -> dict[str, int]:
    """Insert the nodes, parents first, each with the ids of its path."""
    for node, fresh in zip(nodes, new_ids("org_department", len(nodes)), strict=True):
        node.id = fresh
    paths: dict[int, list[int]] = {}

    def path_ids(node: _Node) -> list[int]:
        if node.id is None:
            raise ValueError("a department without an id")
        if node.id not in paths:
            paths[node.id] = [*(path_ids(node.parent) if node.parent else []), node.id]
        return paths[node.id]

    Department.objects.bulk_create(
        [
            Department(
                id=node.id,
                company_id=company_id,
                parent_id=node.parent.id if node.parent else None,
                name=node.name,
                path_ids=path_ids(node),
            )
            for node in nodes
        ]
    )
    return {node.path: node.id for node in nodes if node.id is not None}
