"""What hits of all searches have in common: where in its file a chunk begins, and why it has its score."""

from pydantic import BaseModel, Field

from lethe.core.search.explanation import Explanation
from lethe.domain.json import Json


class Located(BaseModel):
    """Where in the file the words searched for are. All fields are absent for file types without such places."""

    page: int | None = Field(default=None, description="Of a PDF, from 1.")
    slide: int | None = Field(default=None, description="Of a presentation, from 1.")
    sheet: str | int | None = Field(
        default=None, description="Of a workbook: its name, or its number if it has none."
    )
    first_row: int | None = Field(
        default=None,
        description="Of a workbook or a table in a text file: the first row of the sheet that is in the text, from 1.",
    )
    last_row: int | None = Field(default=None, description="The last row of the sheet that is in the text.")
    part: str | int | None = Field(
        default=None,
        description="Of a message or a book: its attachment or chapter, by name, or by number if it has none.",
    )


class TermAnswer(BaseModel):
    """What a word of the query adds to the BM25 of a chunk."""

    forms: list[str] = Field(description="The stems that are looked for.", examples=[["cancel"]])
    weight: float = Field(description="Less than 1 for a word that may be a function word.")
    idf: float = Field(description="How rare the word is among the documents searched.")
    score: float = Field(description="0 if the chunk lacks it; at most weight x idf, in a chunk full of it.")


class ScoreParts(BaseModel):
    """The two parts whose sum is the score; null: not searched for."""

    words: float | None
    vector: float | None


class ExplanationAnswer(BaseModel):
    """Why a chunk has its score."""

    terms: list[TermAnswer]
    bm25: float | None = Field(description="The sum of the terms' scores.")
    bm25_most: float | None = Field(description="The same in a chunk full of all terms.")
    cosine: float | None = Field(
        description="Null as well for a chunk without meaning, such as a ruled line."
    )
    distance: float | None = Field(description="1 - cosine.")
    parts: ScoreParts


EXPLAIN = "Explain each score: the words with their weights, the cosine, and what adds up to the score."


def explanation(found: Explanation) -> Json:
    """An explanation as both APIs show it."""
    return {
        "terms": [
            {"forms": term.forms, "weight": term.weight, "idf": term.idf, "score": term.score}
            for term in found.terms
        ],
        "bm25": found.bm25,
        "bm25_most": found.most,
        "cosine": found.cosine,
        "distance": None if found.cosine is None else 1 - found.cosine,
        "parts": {"words": found.by_words, "vector": found.by_meaning},
    }
