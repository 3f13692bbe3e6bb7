"""What a benchmark gives back, and the list of those that exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One figure beside its limit."""

    name: str
    what: str
    unit: str
    figure: float
    limit: float
    limit_is: str
    """What the limit was measured with."""
    floor: float
    goal: float
    judged: str = "figure"
    """``figure`` or ``ratio``: what floor and goal are held against."""
    lower_is_better: bool = False
    conditions: dict[str, object] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        return self.figure / self.limit if self.limit else 0.0

    def reaches(self, bound: float) -> bool:
        """Whether the judged number is as good as ``bound``."""
        judged = self.ratio if self.judged == "ratio" else self.figure
        return judged <= bound if self.lower_is_better else judged >= bound

    def as_dict(self) -> dict[str, object]:
        """The result for machines."""
        return {
            **asdict(self),
            "ratio": round(self.ratio, 4),
            "passed": self.reaches(self.floor),
            "goal_reached": self.reaches(self.goal),
        }


Benchmark = Callable[[], Result]
BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(name: str) -> Callable[[Benchmark], Benchmark]:
    """Registers a benchmark under the name that the command line takes."""

    def register(run: Benchmark) -> Benchmark:
        BENCHMARKS[name] = run
        return run

    return register
