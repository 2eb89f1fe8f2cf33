"""How times are written before the page's script shows them in the reader's zone."""

from lethe.console.frame.templates import moment, since


def test_a_time_has_seconds_where_they_count() -> None:
    assert moment("2026-11-28T10:04:05.6+02:00") == (
        '<time datetime="2026-11-28T08:04:05+00:00">2026-11-28 08:04 UTC</time>'
    )
    assert moment("2026-11-28T08:04:05Z", exact=True) == (
        '<time datetime="2026-11-28T08:04:05+00:00" data-exact>2026-11-28 08:04:05 UTC</time>'
    )


def test_how_long_it_took_is_between_two_times() -> None:
    assert since("2026-11-28T08:00:01.25Z", "2026-11-28T10:00:00+02:00") == 1.25
