"""Jobs of files: ids in, one operation."""

from meritbook.files.models import ImportRun
from meritbook.files.operations.people import carry_out_people_import
from meritbook.kit import clock
from meritbook.kit.jobs import tenant_job
from meritbook.org.models import Company


@tenant_job(name="files.import_people")
def import_people_of(*, company_id: int, run_id: int) -> None:
    """Load a long list of people that somebody handed in on a page.

    The run stays locked, so that two workers do not load the same list at once.
    """
    run = (
        ImportRun.objects.select_for_update(of=("self",))
        .select_related("file")
        .get(company_id=company_id, pk=run_id, kind=ImportRun.Kind.PEOPLE)
    )
    zone = Company.objects.values_list("time_zone", flat=True).get(id=company_id)
    carry_out_people_import(
        company_id=company_id, run=run, today=clock.today(time_zone=zone), now=clock.now()
    )
