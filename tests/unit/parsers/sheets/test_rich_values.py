"""Cells of a workbook that hold a picture or a data type: for older programs they contain an error."""

from pathlib import Path

from tests.unit.parsers.made import sheets as made
from tests.unit.parsers.office.reading import read

RICH = "http://schemas.microsoft.com/office/spreadsheetml/2017/richdata"
METADATA = (
    f'<metadata xmlns="{made.MAIN}" xmlns:x="{RICH}"><metadataTypes><metadataType name="XLDAPR"/>'
    '<metadataType name="XLRICHVALUE"/></metadataTypes><futureMetadata name="XLDAPR"><bk/></futureMetadata>'
    '<futureMetadata name="XLRICHVALUE">'
    + "".join(f'<bk><extLst><ext><x:rvb i="{at}"/></ext></extLst></bk>' for at in range(4))
    + "</futureMetadata><valueMetadata>"
    + "".join(f'<bk><rc t="2" v="{at}"/></bk>' for at in range(4))
    + "</valueMetadata></metadata>"
)
STRUCTURES = (
    f'<rvStructures xmlns="{RICH}"><s t="_localImage"><k n="CalcOrigin" t="i"/><k n="Text" t="s"/></s>'
    '<s t="_linkedentity2"><k n="_DisplayString" t="s"/></s><s t="_error"><k n="errorType" t="i"/></s></rvStructures>'
)
VALUES = (
    f'<rvData xmlns="{RICH}"><rv s="0"><v>5</v><v>A red lamp</v></rv><rv s="1"><v>Contoso Ltd</v></rv>'
    '<rv s="2"><v>8</v></rv><rv s="0"><v>5</v></rv></rvData>'
)
BOOK = made.one_cell(
    "".join(f'<c r="{name}1" t="e" vm="{at}"><v>#VALUE!</v></c>' for at, name in enumerate("ABCDE", 1)),
    more={
        "xl/metadata.xml": METADATA,
        "xl/richData/rdrichvalue.xml": VALUES,
        "xl/richData/rdrichvaluestructure.xml": STRUCTURES,
        "xl/_rels/workbook.xml.rels": made.relations(
            ("s1", "worksheet", "worksheets/sheet1.xml"),
            ("m", "sheetMetadata", "metadata.xml"),
            ("v", "rdRichValue", "richData/rdrichvalue.xml"),
            ("t", "rdRichValueStructure", "richData/rdrichvaluestructure.xml"),
        ),
    },
)


def test_a_cell_shows_its_picture_or_data_type_and_no_error(tmp_path: Path) -> None:
    parsed = read(tmp_path, BOOK, "a.xlsx")
    assert "| A red lamp | Contoso Ltd | #VALUE! |  | #VALUE! |" in parsed.markdown
    assert parsed.warnings == ("1 image has no readable text: text recognition (OCR) is not available.",)
