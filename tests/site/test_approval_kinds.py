"""Every kind of case that a context opens is known where outcomes are acted upon."""

import ast
from importlib import import_module
from pathlib import Path

import meritbook
from meritbook.site.queries.approval_words import kind_of

PACKAGE = Path(meritbook.__file__).parent


def opened_kinds() -> dict[str, str]:
    """kind → the module that opens cases of it, read from the calls of ``open_case``."""
    found: dict[str, str] = {}
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "open_case"
            ):
                continue
            name = ".".join(("meritbook", *path.relative_to(PACKAGE).with_suffix("").parts))
            (kind,) = (each.value for each in node.keywords if each.arg == "kind")
            assert isinstance(kind, ast.Name), f"{name}: the kind is no constant"
            found[getattr(import_module(name), kind.id)] = name
    return found


def test_every_kind_has_a_name_and_an_operation() -> None:
    found = opened_kinds()
    assert {"ledger.worth", "awards.cap_rest"} <= set(found)
    source = (PACKAGE / "site" / "approvals.py").read_text(encoding="utf-8")
    acts = ast.unparse(
        next(
            node
            for node in ast.parse(source).body
            if isinstance(node, ast.FunctionDef) and node.name == "act"
        )
    )
    for kind, module in found.items():
        assert kind_of(kind).label != kind, f"{kind} of {module} has no name"
    assert acts.count("case ") - 1 == len(found), "an operation for each kind, and the refusal"
