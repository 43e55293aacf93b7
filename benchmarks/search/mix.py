"""The questions of the search benchmark: pieces of 2, 3 and 5 Chinese characters of real names and addresses, seeded.

20 % rare pairs, 30 % common pairs, 10 % near-universal pairs, 25 % triples, 15 % fives; 60 % with county, 40 % with grade
(performance.md §0).
"""

from __future__ import annotations

import random
from collections import Counter
from urllib.parse import urlencode

UNIVERSAL = ("托育", "服务", "盐城", "街道")


def questions(names: list[tuple[str, str]], number: int, seed: int = 20261124) -> list[dict[str, str]]:
    """`number` questions from (words, region) of a sample of rows."""
    rng = random.Random(seed)
    lines = [line for words, _ in names for line in words.split("\n")]
    pairs = Counter(line[i : i + 2] for line in lines for i in range(len(line) - 1) if _chinese(line[i : i + 2]))
    ordered = [pair for pair, _ in pairs.most_common()]
    third = max(1, len(ordered) // 3)
    common, rare = ordered[len(UNIVERSAL) : third], ordered[-third:]
    regions = sorted({region for _, region in names})
    found = []
    while len(found) < number:
        draw = rng.random()
        if draw < 0.2:
            term = rng.choice(rare)
        elif draw < 0.5:
            term = rng.choice(common)
        elif draw < 0.6:
            term = rng.choice(UNIVERSAL)
        else:
            term = _piece(rng, lines, 3 if draw < 0.85 else 5)
        question = {"q": term}
        if rng.random() < 0.6:
            question["region"] = rng.choice(regions)
        found.append(question)
    return found


def ours(question: dict[str, str]) -> str:
    """The address in our API."""
    return f"/api/v1/institutions/?{urlencode(question)}"


def page(question: dict[str, str]) -> str:
    """The address of the page."""
    return f"/institutions/?{urlencode(question)}"


def naive(question: dict[str, str]) -> str:
    """The same question to the baseline."""
    return f"/api/v1/institutions/?{urlencode({'search' if k == 'q' else k: v for k, v in question.items()})}"


def _piece(rng: random.Random, lines: list[str], length: int) -> str:
    while True:
        line = rng.choice(lines)
        start = rng.randrange(max(1, len(line) - length + 1))
        piece = line[start : start + length]
        if len(piece) == length and _chinese(piece):
            return piece


def _chinese(text: str) -> bool:
    return all("\u4e00" <= character <= "\u9fff" for character in text)
