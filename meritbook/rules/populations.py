"""Words of a standard that name departments or posts of the company: 后勤人员 → 后勤部."""

from __future__ import annotations

from dataclasses import dataclass

from meritbook.org.models import Department, Post
from meritbook.rules.tables import people_in


@dataclass(frozen=True, slots=True)
class Match:
    """The words, the population that they mean, and the name of the department or post."""

    words: str
    population: dict[str, list[int]]
    name: str


class People:
    """A company's departments and posts by name, read when first asked for."""

    def __init__(self, *, company_id: int) -> None:
        self._company_id = company_id
        self._known: dict[str, tuple[str, list[int]]] | None = None

    def meant_by(self, standard: str, points_text: str = "") -> Match | None:
        """Return the first department or post that a standard restricts itself to, else None.

        A name that two departments bear means neither.
        """
        for words in people_in(f"{standard};{points_text}"):
            for name in _spellings(words):
                found = self._names.get(name)
                if found is not None and len(found[1]) == 1:
                    return Match(words, {found[0]: list(found[1])}, name)
        return None

    @property
    def _names(self) -> dict[str, tuple[str, list[int]]]:
        if self._known is None:
            self._known = {}
            for pk, name in Post.objects.filter(company_id=self._company_id).values_list(
                "id", "name"
            ):
                self._known.setdefault(name, ("posts", []))[1].append(pk)
            departments: dict[str, tuple[str, list[int]]] = {}
            for pk, name in Department.objects.filter(
                company_id=self._company_id, active=True
            ).values_list("id", "name"):
                departments.setdefault(name, ("departments", []))[1].append(pk)
            self._known |= departments
        return self._known


def _spellings(words: str) -> list[str]:
    """Return the words as a department or post may be called: 后勤人员, 后勤, 后勤部, 后勤部门."""
    core = words
    for tail in ("全体员工", "的员工", "人员", "员工", "成员", "同事", "岗位", "岗"):
        if core.endswith(tail) and len(core) > len(tail):
            core = core.removesuffix(tail).removesuffix("的")
            break
    return list(
        dict.fromkeys([words, core, f"{core}部", f"{core}部门", f"{core}员", f"{core}专员"])
    )
