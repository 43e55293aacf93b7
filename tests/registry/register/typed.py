"""Questions as people type them, made from the institutions of a city by rules; the same for the same city and seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from registry.demo.words import FIRST_WORDS, SECOND_WORDS
from registry.rules.pinyin import romanise
from yancheng_childcare.places import place_name, places

SEED = 20261130
# What the filter words mean, said once more: parameter and values of the form.
FILTERS = {
    "普惠": ("inclusive", ["1"]), "全日托": ("service", ["FULL_DAY"]), "半日托": ("service", ["HALF_DAY"]),
    "计时托": ("service", ["HOURLY"]), "临时托": ("service", ["TEMP"]), "公办": ("nature", ["PUBLIC"]),
    "供餐": ("meals", ["CANTEEN", "OUTSOURCED"]), "有余位": ("free", ["1"]), "18个月": ("months", ["18"]),
}  # fmt: skip
NOTHING = ("", "托育", "托育机构", "机构", "托班", " 托育中心", "日托", "托儿所", "有哪些托育机构")


@dataclass(frozen=True)
class Asked:
    """One question: the institution meant by `uscc`, or the parameters of the form it amounts to."""

    words: str
    uscc: str = ""
    listed: bool = True
    form: dict[str, list[str]] = field(default_factory=dict)


def brand_of(name: str) -> str:
    """The invented word in a name of the demo city, "" in names of another making."""
    return next((f"{a}{b}" for a in FIRST_WORDS for b in SECOND_WORDS if f"{a}{b}" in name), "")


def short(name: str) -> str:
    """A place without its ending."""
    for ending in ("街道", "镇", "区", "县", "市"):
        if name.endswith(ending):
            return name.removesuffix(ending)
    return name


def name_questions(institutions: list[Any], number: int) -> list[Asked]:
    """Names whole and in part, with the area, in pinyin, with words that say nothing, with one wrong character."""
    rng, found = random.Random(SEED), []
    # Those outside the register twice: they are few, and whom parents worry about.
    outside = [one for one in institutions if not getattr(getattr(one, "public_entry", None), "listed", False)]
    known = [(one, word) for one in (*institutions, *outside) if (word := brand_of(one.name))]
    rng.shuffle(known)
    while len(found) < number:
        one, word = known[len(found) % len(known)]
        county = place_name(one.region_id)
        bare = short(county) if len(county) < 5 else ""
        slip = rng.randrange(1, len(word))
        words = rng.choice(
            [
                one.name, word, f"{bare}{word}", f"{county} {word}", f"{word}托育中心", f"盐城{word}", f"盐城{word}托育",
                romanise(word)[0], f"{romanise(bare)[0]}{romanise(word)[0]}", f"{word[:slip]}囧{word[slip + 1 :]}",
                f"{word}托育服务有限公司", f"{word}，{one.name[:3]}", one.name[:-2], f"江苏省盐城市{bare}{word}托班", f" {word} ",
            ]
        )  # fmt: skip
        found.append(Asked(words, one.uscc, getattr(getattr(one, "public_entry", None), "listed", False)))
    return found


def area_questions(number: int) -> list[Asked]:
    """Counties, towns and filter words, alone and together, in the ways they are written."""
    rng, found = random.Random(SEED), []
    towns = {code: name for code, (level, _, name) in places().items() if level == "TOWN" and name[-1] in "镇道"}
    counties = {code: name for code, (level, _, name) in places().items() if level == "COUNTY"}
    while len(found) < number:
        form: dict[str, list[str]] = {}
        words = ""
        kind = rng.randrange(5)
        if kind in {0, 1, 4}:
            code, name = rng.choice(sorted(counties.items()))
            form["region"] = [code]
            words = rng.choice([name, short(name), f"盐城{short(name)}", f"江苏省盐城市{name}"])
            if kind == 0 and rng.random() < 0.3:
                words = rng.choice([romanise(short(name))[0], romanise(name)[0]])
        elif kind == 2:
            code, name = rng.choice(sorted(towns.items()))
            form["town"], words = [code], rng.choice([name, f"{place_name(places()[code][1])}{name}"])
        if kind in {3, 4}:
            said = rng.sample(sorted(FILTERS), rng.choice([1, 1, 2]))
            joined = rng.choice(["", " "])
            for word in said:
                name, values = FILTERS[word]
                form.setdefault(name, []).extend(values)
            words = joined.join([words, *said] if rng.random() < 0.5 else [*said, words])
        found.append(Asked(words.strip() + ("" if words.isascii() else rng.choice(NOTHING)), form=form))
    return found
