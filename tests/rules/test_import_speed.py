"""A rule table of 300 lines is read and stored within three seconds."""

from time import process_time

from meritbook.kit.sheets import CellValue, Sheet
from meritbook.kit.tenancy import company_scope
from meritbook.rules.operations.importing import open_run
from meritbook.rules.tables import read_tables
from tests.people import NOW, Cast

WORDINGS = (
    ("每天22点前交日报{n}", "5分/天"),
    ("仅销售部:第{n}种签单", "10分/单"),
    ("每位客户每周只算一次的回访{n}", "2分"),
    ("产品{n}每增加1千元销售额", "50分/千,每月最高500分"),
    ("违反第{n}条规定,视情节", "-20至-5"),
)


def test_three_hundred_lines(home: Cast) -> None:
    rows: list[list[CellValue]] = [["类别", "标准", "积分"]]
    for number in range(300):
        standard, points = WORDINGS[number % len(WORDINGS)]
        rows.append(["业务", standard.format(n=number), points])
    began = process_time()
    reading = read_tables([Sheet("标准", rows, None)])
    with company_scope(home.company.pk):
        run = open_run(
            company_id=home.company.pk,
            name="标准.xlsx",
            content=b"x",
            reading=reading,
            population={},
            actor_id=None,
            now=NOW,
        )
    took = process_time() - began
    assert run.total == 300
    assert took < 3, f"{took:.2f} s"
