"""The chain of receipts: what is changed, taken out, put in or signed by another is found."""

import base64
import itertools
import random
from collections.abc import Iterable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from lethe.core.receipts.keys import SigningKey, key_id, pem, read_public
from lethe.core.receipts.receipt import GENESIS, Broken, canonical, commitment, keyed_hash, parsed, seal
from lethe.core.receipts.receipt_log import Verifier, keys_of_end, names
from lethe.core.receipts.salts import read, salt_id
from lethe.domain.errors import OperatorError

COMPANY = "0123456789abcdef01234567"
SALT = bytes(range(32))


def new_key() -> SigningKey:
    private = Ed25519PrivateKey.generate()
    return SigningKey(key_id(private.public_key().public_bytes_raw()), private)


KEY = new_key()


def trusted(*keys: SigningKey) -> dict[str, Ed25519PublicKey]:
    return {key.id: key.private.public_key() for key in keys}


def chain(
    receipts: int, *, key: SigningKey = KEY, company: str = COMPANY, salt: bytes | None = SALT
) -> list[bytes]:
    """The lines of an exported chain, each receipt with one document; without `salt` as before there was one."""
    lines, previous = [], GENESIS
    for seq in range(1, receipts + 1):
        node = f"{seq:024x}"
        name = keyed_hash(salt, node, "c", f"a{seq}")
        documents = [{"id": node, "name": name, "content": None}]
        facts = {
            "kind": "erasure",
            "id": str(seq),
            "company_id": company,
            "subject": {"kind": "document", "id": node, "name": name},
            **({"salt_id": salt_id(salt)} if salt else {}),
            "commitment": commitment(documents),
        }
        link = seal(facts, seq=seq, previous=previous, key=key)
        previous = link["hash"]
        lines.append(canonical({**link, "documents": documents}))
    return [*lines, end(receipts, previous, key=key, company=company)]


def end(receipts: int, last: str, *, key: SigningKey, company: str) -> bytes:
    keys = {key.id: base64.b64encode(key.private.public_key().public_bytes_raw()).decode()}
    facts = {"kind": "end", "company_id": company, "receipts": receipts, "last": last, "keys": keys}
    return canonical(seal(facts, seq=receipts + 1, previous=last, key=key))


def verify(lines: Iterable[bytes], keys: dict[str, Ed25519PublicKey] | None = None) -> Verifier:
    verifier = Verifier(keys if keys is not None else trusted(KEY))
    for line in lines:
        verifier.line(line)
    verifier.end()
    return verifier


CHAIN = chain(3)
PUT_IN = {
    **{f"line {i} again": line for i, line in enumerate(CHAIN)},
    **{f"line {i} of another company": line for i, line in enumerate(chain(3, company="f" * 24))},
    "an object": b"{}",
    "a list": b"[]",
    "null": b"null",
    "nothing": b"",
    "too deep": b"[" * 2000,
}


@pytest.mark.parametrize("receipts", [0, 1, 3])
def test_a_chain_as_it_was_written_holds(receipts: int) -> None:
    verifier = verify(chain(receipts))
    assert (verifier.receipts, verifier.documents, verifier.key_ids) == (receipts, receipts, {KEY.id})


def test_each_byte_that_is_changed_is_found() -> None:
    lines, chance = chain(2), random.Random(7)
    for i, line in enumerate(lines):
        for at in range(len(line)):
            changed = bytearray(line)
            changed[at] ^= 1 << chance.randrange(8)
            with pytest.raises(Broken):
                verify([*lines[:i], bytes(changed), *lines[i + 1 :]])


@pytest.mark.parametrize("left", [c for n in range(4) for c in itertools.combinations(range(4), n)])
def test_links_that_are_taken_out_are_missed(left: tuple[int, ...]) -> None:
    with pytest.raises(Broken):
        verify([CHAIN[i] for i in left])


@pytest.mark.parametrize("order", [o for o in itertools.permutations(range(4)) if o != (0, 1, 2, 3)])
def test_links_in_another_order_are_found(order: tuple[int, ...]) -> None:
    with pytest.raises(Broken):
        verify([CHAIN[i] for i in order])


@pytest.mark.parametrize("at", range(5))
@pytest.mark.parametrize("line", PUT_IN.values(), ids=PUT_IN)
def test_a_line_that_is_put_in_is_found(at: int, line: bytes) -> None:
    with pytest.raises(Broken):
        verify([*CHAIN[:at], line, *CHAIN[at:]])


def test_a_chain_that_was_signed_anew_holds_for_nobody_who_has_the_key() -> None:
    forged = chain(3, key=new_key())
    with pytest.raises(Broken, match="not one of the given keys"):
        verify(forged)
    keys = keys_of_end(forged[-1])
    assert verify(forged, keys).key_ids == set(keys) != {KEY.id}


def test_a_last_line_that_holds_documents_is_found() -> None:
    with pytest.raises(Broken, match="lists documents"):
        verify([*CHAIN[:-1], canonical({**parsed(CHAIN[-1]), "documents": []})])


@pytest.mark.parametrize(
    ("levels", "logical"),
    [
        (("physical", "physical"), set[int]()),
        (("rewritten", "physical"), {1}),
        (("physical", "rewritten"), {3}),
    ],
)
def test_only_what_a_search_of_the_disk_covers_is_gone_from_it(
    levels: tuple[str, str], logical: set[int]
) -> None:
    erasures = chain(2)
    lines, previous = [], GENESIS
    for seq, level in ((1, levels[0]), (3, levels[1])):
        erasure = {k: v for k, v in parsed(erasures[seq // 2]).items() if k not in ("hash", "signature")}
        documents = erasure.pop("documents")
        erased = seal(erasure, seq=seq, previous=previous, key=KEY)
        scrub = {"kind": "scrub", "company_id": COMPANY, "covers": {"from": seq, "to": seq}, "levels": [level],
                 "out_of_scope": ["memory"], "bytes_found_after": 0}  # fmt: skip
        scrubbed = seal(scrub, seq=seq + 1, previous=erased["hash"], key=KEY)
        lines += [canonical({**erased, "documents": documents}), canonical(scrubbed)]
        previous = scrubbed["hash"]
    verifier = verify([*lines, end(4, previous, key=KEY, company=COMPANY)])
    assert (verifier.erasures, verifier.logical, list(verifier.out_of_scope)) == (2, logical, ["memory"])


def test_the_key_of_another_under_the_same_id_is_found() -> None:
    with pytest.raises(Broken, match="signature"):
        verify(CHAIN, {KEY.id: new_key().private.public_key()})


def test_a_last_line_that_gives_a_key_the_id_of_another_is_found() -> None:
    theirs = new_key()
    with pytest.raises(Broken):
        keys_of_end(chain(0, key=SigningKey(KEY.id, theirs.private))[-1])


@pytest.mark.parametrize("salt", [SALT, None], ids=["under the company's salt", "as before there was one"])
def test_whoever_knows_the_names_finds_the_receipt(salt: bytes | None) -> None:
    link = Verifier(trusted(KEY)).line(chain(1, salt=salt)[0])
    salts = {salt_id(SALT): SALT}
    assert names(link, salts=salts, collection="c", artifact="a1") is True
    assert names(link, salts=salts, collection="c", artifact="a2") is False
    assert names(link, salts=salts, collection="c", artifact=None) is False


def test_without_the_salt_it_cannot_be_told_whom_a_receipt_speaks_of() -> None:
    link = Verifier(trusted(KEY)).line(CHAIN[0])
    for salts in ({}, {salt_id(b"another"): b"another"}):
        assert names(link, salts=salts, collection="c", artifact="a1") is None


@pytest.mark.parametrize("salt", [SALT, None])
@given(a=st.text(max_size=30), b=st.text(max_size=30), c=st.text(max_size=30), d=st.text(max_size=30))
def test_names_are_kept_apart_in_their_hash(salt: bytes | None, a: str, b: str, c: str, d: str) -> None:
    names = [tuple(name.replace("\0", "") for name in pair) for pair in ((a, b), (c, d))]
    hashes = [keyed_hash(salt, "0" * 24, *pair) for pair in names]
    assert (names[0] == names[1]) == (hashes[0] == hashes[1])


@pytest.mark.parametrize("encoding", ["pem", "base64"])
def test_a_key_is_read_as_the_server_shows_it(encoding: str) -> None:
    public = KEY.private.public_key().public_bytes_raw()
    text = pem(public).encode() if encoding == "pem" else base64.b64encode(public) + b"\n"
    assert {id: key.public_bytes_raw() for id, key in read_public(text).items()} == {KEY.id: public}


@pytest.mark.parametrize(
    "text", ["{hex}\n", '{{"salt_id": "x", "salt": "{hex}"}}'], ids=["printed", "answered"]
)
def test_a_salt_is_read_as_it_is_shown(text: str) -> None:
    assert read(text.format(hex=SALT.hex()).encode()) == {salt_id(SALT): SALT}


@pytest.mark.parametrize(
    "text", [b"", b"\xff", b"{}", b"[1]", b'{"salt": 1}', b"ab", SALT.hex().encode() + b"00"]
)
def test_what_is_no_salt_is_told_as_such(text: bytes) -> None:
    with pytest.raises(OperatorError, match="--salt is not a salt"):
        read(text)
