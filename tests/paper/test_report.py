"""What is said of a text that was written."""

from app_server import pixel_writer as writer


def test_nothing_is_dropped_silently():
    report = writer().write("Zoë & José: 漢, “x” (50%)!", verify=False).report
    assert report.replaced == {"漢": "", "“": '"', "”": '"'}
    assert len(report.sentences()) == 4
    assert report.characters == 19
