"""check_traces: work entries out again and compare with what was posted."""

from argparse import ArgumentParser
from typing import Any

from meritbook.awards.queries.retracing import retrace
from meritbook.kit.commands import CompanyCommand
from meritbook.kit.words import say
from meritbook.org.models import Company


class Command(CompanyCommand):
    help = (
        "Recompute the trace of every entry, or of a sample, and compare it with what was posted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--sample", type=int, metavar="N")

    def company_answer(self, *, company_id: int, **options: Any) -> Any:
        zone = Company.objects.values_list("time_zone", flat=True).get(id=company_id)
        return retrace(company_id=company_id, zone=zone, sample=options["sample"]).as_dict()

    def failed(self, value: Any) -> bool:
        return not value["ok"]

    def show(self, value: Any) -> str:
        lines = [
            say("重算 %(n)s 笔，不符 %(bad)s 笔", n=value["entries"], bad=len(value["mismatches"]))
        ]
        lines += ["✗ {tx_id} {rule_code}: {text}".format(**one) for one in value["mismatches"]]
        return "\n".join(lines)
