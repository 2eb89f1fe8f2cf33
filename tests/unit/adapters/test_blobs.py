"""The store of originals, on a real directory and a real S3 server."""

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from lethe.adapters.blobs import Blobs
from lethe.domain.errors import Conflict, NotFound, OperatorError, Unavailable

COMPANY = "507f1f77bcf86cd799439011"
KEY = f"{COMPANY}/0123456789abcdef01234567"
OTHER = f"{COMPANY}/89abcdef0123456701234567"


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 takes a second to load

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/originals", method="PUT")).close()
    yield endpoint
    server.stop()


def aws(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "operator",
        "AWS_SECRET_ACCESS_KEY": "very-secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
    }


@pytest.fixture(params=["local", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "local":
        return Blobs((tmp_path / "originals").as_uri())
    prefix = f"s3://originals/{tmp_path.name}"
    return Blobs(prefix, aws(request.getfixturevalue("s3_endpoint")))


async def test_what_is_put_comes_back_byte_for_byte(blobs: Blobs, tmp_path: Path) -> None:
    await blobs.ready()
    content = os.urandom(3_000_000)
    await blobs.put(KEY, content)
    assert await blobs.download(KEY, tmp_path / "out") == len(content)
    assert (tmp_path / "out").read_bytes() == content


async def test_a_file_and_a_memoryview_can_be_put(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"from a file")
    await blobs.put(KEY, tmp_path / "in")
    await blobs.put(OTHER, memoryview(b"from memory"))
    await blobs.download(KEY, tmp_path / "a")
    await blobs.download(OTHER, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == b"from a file"
    assert (tmp_path / "b").read_bytes() == b"from memory"


async def test_a_key_is_never_overwritten(blobs: Blobs, tmp_path: Path) -> None:
    await blobs.put(KEY, b"first")
    with pytest.raises(Conflict, match="exists already"):
        await blobs.put(KEY, b"second")
    await blobs.download(KEY, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"first"


async def test_an_open_original_can_be_read_in_part_and_to_its_end_though_it_is_deleted(
    blobs: Blobs,
) -> None:
    content = os.urandom(3_000_000)
    await blobs.put(KEY, content)
    for span in ((0, 1), (5, 2_000_000), (2_999_999, 3_000_000)):
        assert b"".join([piece async for piece in await blobs.open(KEY, span)]) == content[slice(*span)]
    pieces = await blobs.open(KEY)
    begun = await anext(pieces)
    await blobs.delete(KEY)
    with pytest.raises(NotFound):
        await blobs.open(KEY)
    assert begun + b"".join([piece async for piece in pieces]) == content


async def test_a_deleted_original_is_gone_and_deleting_it_again_is_no_error(
    blobs: Blobs, tmp_path: Path
) -> None:
    await blobs.put(KEY, b"x")
    assert await blobs.exists(KEY)
    await blobs.delete(KEY)
    await blobs.delete(KEY)
    assert not await blobs.exists(KEY)
    with pytest.raises(NotFound):
        await blobs.download(KEY, tmp_path / "out")
    assert not (tmp_path / "out").exists()


async def test_a_key_of_a_company_without_any_original_can_be_deleted(blobs: Blobs) -> None:
    await blobs.delete(f"{'0' * 24}/{'1' * 24}")


@pytest.mark.parametrize(
    "key", ["", "x", "../../etc/passwd", f"{COMPANY}/..", f"{KEY}/x", KEY.upper(), f"{KEY}\n"]
)
async def test_a_key_of_another_shape_is_a_bug_and_stops(blobs: Blobs, key: str) -> None:
    with pytest.raises(AssertionError):
        await blobs.put(key, b"x")


async def test_local_files_are_for_the_operating_user_only(tmp_path: Path) -> None:
    root = tmp_path / "deep" / "originals"
    await Blobs(root.as_uri()).put(KEY, b"x")
    modes = [stat.S_IMODE(os.stat(path).st_mode) for path in (root, root / COMPANY, root / KEY)]
    assert modes == [0o700, 0o700, 0o600]


async def test_a_put_that_was_killed_shows_no_key_and_a_delete_removes_what_it_left(tmp_path: Path) -> None:
    """The kernel kills the child in the middle of its write, at its limit on the size of a file."""
    root = tmp_path / "originals"
    code = (
        "import asyncio, resource, signal, sys; from lethe.adapters.blobs import Blobs\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
        "asyncio.run(Blobs(sys.argv[1]).put(sys.argv[2], b'x' * 3_000_000))"
    )
    child = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code, root.as_uri(), KEY], check=False
    )
    assert child.returncode == -signal.SIGXFSZ
    (leftover,) = (root / COMPANY).iterdir()
    assert leftover.stat().st_size == 1_000_000

    blobs = Blobs(root.as_uri())
    assert not await blobs.exists(KEY)
    await blobs.put(OTHER, b"whole")
    await blobs.delete(KEY)
    assert [path.relative_to(root).as_posix() for path in (root / COMPANY).iterdir()] == [OTHER]


async def test_a_hundred_megabytes_are_held_in_memory_at_most_once(tmp_path: Path) -> None:
    source, size = tmp_path / "big", 100 * 1024 * 1024
    source.touch()
    os.truncate(source, size)
    code = (
        "import asyncio, resource, sys; from pathlib import Path; from lethe.adapters.blobs import Blobs\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024\n"
        "blobs = Blobs(sys.argv[1]); before = peak()\n"
        "asyncio.run(blobs.put(sys.argv[2], Path(sys.argv[3])))\n"
        "asyncio.run(blobs.download(sys.argv[2], Path(sys.argv[3] + '.back')))\n"
        "print(peak() - before)"
    )
    root = (tmp_path / "originals").as_uri()
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code, root, KEY, str(source)], capture_output=True, check=True
    )
    assert int(done.stdout) < 1.25 * size
    assert source.with_suffix(".back").stat().st_size == size


async def test_a_store_that_is_away_is_unavailable_and_the_sentence_holds_no_secret() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        blobs = Blobs("s3://originals", aws(f"http://127.0.0.1:{held.getsockname()[1]}"))
        with pytest.raises(Unavailable) as caught:
            await blobs.exists(KEY)
    assert "secret" not in str(caught.value) + repr(blobs)


async def test_a_bucket_that_does_not_exist_is_the_operators_to_mend(s3_endpoint: str) -> None:
    blobs = Blobs("s3://no-such-bucket", aws(s3_endpoint))
    with pytest.raises(OperatorError):
        await blobs.ready()
    with pytest.raises(OperatorError):
        await blobs.put(KEY, b"x")


@pytest.mark.parametrize(
    "url", ["", "originals", "file://", "file:///", "file://host/x", "s3://", "gs://b/x", "http://b"]
)
def test_an_address_of_another_kind_is_the_operators_to_mend(url: str) -> None:
    with pytest.raises(OperatorError, match="file:///directory"):
        Blobs(url)


async def test_aws_names_for_other_programs_do_no_harm(s3_endpoint: str) -> None:
    await Blobs("s3://originals", {**aws(s3_endpoint), "AWS_PROFILE": "x", "AWS_PAGER": "less"}).ready()


def test_an_aws_value_that_cannot_be_used_is_the_operators_to_mend() -> None:
    with pytest.raises(OperatorError, match="AWS_"):
        Blobs("s3://originals", {"AWS_REQUEST_PAYER": "maybe"})


def test_a_directory_that_cannot_be_made_is_the_operators_to_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OperatorError, match="cannot be created"):
        Blobs((tmp_path / "file" / "below").as_uri())


async def listed(blobs: Blobs) -> list[str]:
    return sorted([key async for run in blobs.keys(COMPANY) for key in run])


async def test_the_keys_of_one_company_are_listed(blobs: Blobs) -> None:
    assert await listed(blobs) == []
    keys = [f"{COMPANY}/{i:024x}" for i in range(5)]
    for key in [*keys, f"{'a' * 24}/{1:024x}"]:
        await blobs.put(key, b"x")
    assert await listed(blobs) == keys


async def test_a_listing_holds_a_thousand_keys_at_a_time(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path.as_uri())
    (tmp_path / COMPANY).mkdir()
    for i in range(2_500):
        (tmp_path / COMPANY / f"{i:024x}").touch()
    (tmp_path / COMPANY / "lost+found").mkdir()
    runs = [len(run) async for run in blobs.keys(COMPANY)]
    assert sum(runs) == 2_500
    assert max(runs) <= 1_000


async def test_what_a_put_that_died_has_left_is_listed_under_its_key(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path.as_uri())
    (tmp_path / COMPANY).mkdir()
    (tmp_path / f"{KEY}#1").touch()
    assert await listed(blobs) == [KEY]
    assert await blobs.holds(KEY)
    assert await blobs.missing([KEY]) == [KEY]
    await blobs.delete(KEY)
    assert not await blobs.holds(KEY)


async def test_a_delete_removes_what_puts_of_its_key_have_left_and_lists_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = Blobs(tmp_path.as_uri())
    (tmp_path / COMPANY).mkdir()
    for n in (1, 2):
        (tmp_path / f"{KEY}#{n}").touch()
    await blobs.put(KEY, b"x")  # which takes the next number, and gives it back
    other = tmp_path / f"{KEY[:-1]}e#1"
    other.touch()

    def listed(_path: object) -> None:
        raise AssertionError("a folder may hold a million files")

    with monkeypatch.context() as patch:
        patch.setattr("os.scandir", listed)
        await blobs.delete(KEY)
    assert [*(tmp_path / COMPANY).iterdir()] == [other]


async def test_the_originals_that_are_missing_are_told_apart(blobs: Blobs) -> None:
    keys = [f"{COMPANY}/{i:024x}" for i in range(20)]
    for key in keys[1:18:2]:
        await blobs.put(key, b"x")
    assert await blobs.missing(keys) == [*keys[0:18:2], *keys[18:]]
    assert await blobs.missing(keys[1:18:2]) == []
    assert await blobs.missing([]) == []
    assert await blobs.holds(keys[1])
    assert not await blobs.holds(keys[0])
