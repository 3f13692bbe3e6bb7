"""``python -m bench [name …] [--json]``: exit code 0 when every floor is reached, else 1."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import platform
import sys

import bench
from bench.registry import BENCHMARKS, Result


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmarks named, or all, one after the other."""
    for module in pkgutil.iter_modules(bench.__path__):
        if module.name not in ("__main__", "registry"):
            importlib.import_module(f"bench.{module.name}")
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("name", nargs="*", help=", ".join(sorted(BENCHMARKS)))
    parser.add_argument("--json", action="store_true", dest="as_json")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.name if name not in BENCHMARKS]
    if unknown:
        parser.error(
            f"no benchmark {', '.join(unknown)}; there are {', '.join(sorted(BENCHMARKS))}"
        )
    machine = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }
    results = []
    if not options.as_json:
        print("  ".join(f"{name} {value}" for name, value in machine.items()))
    for name in options.name or sorted(BENCHMARKS):
        result = BENCHMARKS[name]()
        results.append(result)
        if not options.as_json:
            print(_text(result), flush=True)
    if options.as_json:
        answer = {"machine": machine, "results": [result.as_dict() for result in results]}
        json.dump(answer, sys.stdout, ensure_ascii=False, indent=2)
        print()
    return 0 if all(result.reaches(result.floor) for result in results) else 1


def _text(result: Result) -> str:
    """One result for people."""
    judged = result.judged
    verdict = (
        "goal reached"
        if result.reaches(result.goal)
        else ("floor reached" if result.reaches(result.floor) else "BELOW THE FLOOR")
    )
    conditions = ", ".join(f"{name} {value}" for name, value in result.conditions.items())
    return "\n".join(
        (
            "",
            f"{result.name}: {result.what}",
            f"  conditions  {conditions}",
            f"  figure      {_number(result.figure)} {result.unit}",
            f"  limit       {_number(result.limit)} {result.unit} ({result.limit_is})",
            f"  ratio       {result.ratio:.3f}",
            f"  {judged:<10}  floor {_number(result.floor)}, goal {_number(result.goal)}: {verdict}",
        )
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"


if __name__ == "__main__":
    sys.exit(main())
