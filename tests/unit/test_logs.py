"""What is logged of errors: type and place always, the message only where it cannot hold a document's text."""

import asyncio
import logging
from collections.abc import Callable
from io import StringIO

import psycopg
import pytest
import structlog

from lethe.domain.errors import InputRejected, MachineFailed, Unavailable
from tests.logged import Logged

SECRET = "The stone keeps what was written."


def quote() -> None:
    int(SECRET)


def refuse_a_row() -> None:
    raise psycopg.errors.UniqueViolation(f"DETAIL:  Key (text)=({SECRET}) already exists.")


def repeat_what_the_parser_says() -> None:
    raise InputRejected(f"'a.xml' is damaged: {SECRET}")


def with_a_note() -> None:
    error = KeyError(1)
    error.add_note(SECRET)
    raise error


def after_another() -> None:
    try:
        quote()
    except ValueError:
        refuse_a_row()


def several() -> None:
    try:
        quote()
    except ValueError as exc:
        raise ExceptionGroup(SECRET, [exc, KeyError(SECRET)]) from None


def name_a_file() -> None:
    open(f"/nowhere/{SECRET}")  # noqa: SIM115


def without_a_number() -> None:
    raise OSError(SECRET, SECRET)


def raised(function: Callable[[], None]) -> BaseException:
    try:
        function()
    except Exception as exc:  # noqa: BLE001 any that a test raises
        return exc
    raise AssertionError


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (quote, ["ValueError"]),
        (refuse_a_row, ["psycopg.errors.UniqueViolation"]),
        (repeat_what_the_parser_says, ["lethe.domain.errors.InputRejected"]),
        (with_a_note, ["KeyError"]),
        (after_another, ["ValueError", "UniqueViolation"]),
        (several, ["ExceptionGroup", "ValueError", "KeyError"]),
        (without_a_number, ["OSError"]),
        (name_a_file, ["FileNotFoundError: [Errno 2] No such file or directory"]),
    ],
)
def test_of_an_error_type_and_place_are_logged_but_not_what_it_quotes(
    logged: Logged, function: Callable[[], None], told: list[str]
) -> None:
    structlog.get_logger().error("failed", exc_info=raised(function))
    logging.getLogger("uvicorn.error").error("a library failed", exc_info=raised(function))
    log = logged()
    assert log.count(f"in {function.__name__}") >= 2
    assert all(log.count(each) >= 2 for each in told)
    assert "stone" not in log


def test_messages_of_lethes_own_errors_are_logged(logged: Logged) -> None:
    try:
        try:
            raise OSError(28, "No space left on device", "/data/blobs")
        except OSError as exc:
            raise MachineFailed(exc) from exc
    except Unavailable:
        structlog.get_logger().exception("failed")
    log = logged()
    assert "OSError: [Errno 28] No space left on device" in log
    assert "MachineFailed: The server cannot work at the moment (No space left on device)" in log


async def test_an_error_that_nobody_asked_for_is_not_quoted_by_asyncio(logged: Logged) -> None:
    async def fail() -> None:
        quote()

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    del task
    log = logged()
    assert "Task exception was never retrieved" in log
    assert "in quote" in log
    assert "stone" not in log


def test_what_psycopg_warns_of_is_not_logged(logged: Logged) -> None:
    logging.getLogger("psycopg").warning("error ignored terminating %r: %s", "pipeline", SECRET)
    logging.getLogger("psycopg.pool").error("no connection")
    log = logged()
    assert "no connection" in log
    assert "stone" not in log


@pytest.mark.usefixtures("logged")
def test_a_line_that_cannot_be_written_shows_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    class FullDisk(StringIO):
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

    (handler,) = [each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler]
    handler.stream = FullDisk()
    structlog.get_logger().error("failed", exc_info=raised(quote))
    assert "stone" not in capsys.readouterr().err
