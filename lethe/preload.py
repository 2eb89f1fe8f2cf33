"""What the server that forks child processes loads once, so that each child has it at no cost.

Imported by that server alone, see adapters/children.py.
"""

import lethe.adapters.parsers
import lethe.core.ingestion.prepare  # noqa: F401
from lethe.adapters.embedders import OpenAIModel, parse_embedder
from lethe.adapters.embedders.cpu import load
from lethe.settings import Settings

_spec = parse_embedder(Settings().embedder)
if not isinstance(_spec, OpenAIModel):
    load(_spec)
