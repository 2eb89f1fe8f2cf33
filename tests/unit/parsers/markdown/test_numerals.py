"""Numbers as the lists of other languages count."""

import pytest

from lethe.parsers.openxml.list_numbers import counted


@pytest.mark.parametrize(
    ("form", "numbers"),
    [
        (
            "chineseCounting",
            {1: "一", 10: "十", 12: "十二", 20: "二十", 101: "一百零一", 110: "一百一十", 2030: "二千零三十"},
        ),
        ("chineseLegalSimplified", {3: "叁", 21: "贰拾壹"}),
        ("ideographDigital", {20: "二〇"}),
        ("hebrew1", {9: "ט", 15: "טו", 16: "טז", 29: "כט", 115: "קטו", 400: "ת"}),
        ("russianLower", {3: "в", 29: "я", 30: "аа"}),
        ("decimalEnclosedCircle", {1: "①", 20: "⑳", 21: "21"}),
        ("ganada", {2: "나"}),
        ("a format of tomorrow", {7: "7"}),
    ],
)
def test_a_list_counts_in_its_own_script(form: str, numbers: dict[int, str]) -> None:
    assert {number: counted(number, form) for number in numbers} == numbers
