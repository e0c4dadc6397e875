"""Words of ink on a page."""

import json

from hwr.predictors.pen import PenWriter


def test_a_page_has_every_letter_in_its_place(pen: PenWriter) -> None:
    text = "Dear José,\n\n“quoted” – and " + "x" * 90 + " end☃"
    ink = pen.write(text, verify=False, size=16, width=500, paper="ruled", letter_spacing=0.3, slant=0.3)
    assert [letter.char for letter in ink.letters] == list('DearJose,"quoted"–and' + "x" * 90 + "end")
    assert all(text[letter.position] in "“”–é" or text[letter.position] == letter.char for letter in ink.letters)
    lines = [letter.line for letter in ink.letters]
    assert lines == sorted(lines)
    assert lines[-1] >= 4
    assert ink.letters[9].line == ink.letters[8].line + 2, "an empty line stays empty"
    assert ink.report.replaced == {"“": '"', "”": '"', "☃": ""}
    assert ink.rules
    json.dumps(ink.export())
