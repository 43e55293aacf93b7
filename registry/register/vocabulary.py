"""The words of a question that are no names: places of the city, filters as people say them, words that say nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from yancheng_childcare.places import places

from ..rules.pinyin import other_readings, romanise

_ENDINGS = ("街道", "镇", "区", "县", "市")
# How the two zones are called; their full names stand in the table of regions.
ALIASES = {
    "盐城经开区": "320971", "盐城经济开发区": "320971", "盐城开发区": "320971", "经济技术开发区": "320971",
    "经开区": "320971", "盐南高新区": "3209GX", "盐城高新区": "3209GX", "盐南": "3209GX",
}  # fmt: skip
# (words, parameter, values): the first that fits counts, so longer ones stand first.
FILTER_WORDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("普惠(?:性|型)?", "inclusive", ("1",)),
    ("全日托|全日制|全天托|全托", "service", ("FULL_DAY",)),
    ("半日托|半日制|半天托|半托", "service", ("HALF_DAY",)),
    ("计时托|小时托|钟点托", "service", ("HOURLY",)),
    ("临时托|临托", "service", ("TEMP",)),
    ("公办|公立|事业单位", "nature", ("PUBLIC",)),
    ("民办非企业(?:单位)?", "nature", ("NONPROFIT",)),
    ("幼儿园托班", "nature", ("KINDERGARTEN",)),
    ("家庭托育点?", "nature", ("HOME",)),
    ("用人单位办托|单位办托", "nature", ("EMPLOYER",)),
    ("不供餐", "meals", ("NONE",)),
    ("自办食堂|有食堂", "meals", ("CANTEEN",)),
    ("外购配餐", "meals", ("OUTSOURCED",)),
    ("供餐|包餐|含餐", "meals", ("CANTEEN", "OUTSOURCED")),
    ("有余位|有空位|有名额|有托位", "free", ("1",)),
    ("近12个月检查过|检查过", "checked", ("1",)),
)  # fmt: skip
_FILTERS = [(re.compile(words), name, values) for words, name, values in FILTER_WORDS]
_MONTHS = re.compile(r"(\d{1,2})个?月(?:龄)?(?:大)?(?!\d)")
_YEARS = {"半岁": 6, "一岁半": 18, "1岁半": 18, "两岁半": 30, "二岁半": 30, "2岁半": 30,
          "一岁": 12, "1岁": 12, "两岁": 24, "二岁": 24, "2岁": 24}  # fmt: skip
_KIND = "(?:服务|管理|综合服务)?(?:有限责任公司|有限公司|中心|机构|部|园|点|班|所)"
GENERIC = rf"(?:托育{_KIND}?|托育服务|婴幼儿照护{_KIND}?|婴幼儿照护服务|儿童成长中心|托儿所|托班|日托|托管班?|早托|有限责任公司|有限公司|公司|机构|中心|附近|哪里有|有哪些|哪家|推荐|名单|名录|查询|宝宝|孩子|的)"
_GENERIC_ENDS = (re.compile(rf"^{GENERIC}+"), re.compile(rf"{GENERIC}+$"))
_CITY = re.compile(r"^(?:江苏省?)?盐城市?|^江苏省?")
_GENERIC_LATIN = re.compile(r"(?:tuoyufuwu|tuoyu|tuoban|tuoersuo|jigou|zhongxin|fuwu|ritu?o)+$")
_CITY_LATIN = re.compile(r"^(?:jiangsu(?:sheng)?)?yancheng(?:shi)?")
LATIN_ENDING = "(?:qu|xian|shi|zhen|jiedao)?"


@dataclass(slots=True)
class Lexicon:
    """The city's places by how they are written: `full` with their ending, `bare` without, `latin` in pinyin.

    Each maps to the codes it may mean, counties apart from towns.
    """

    source: object = None
    counties: dict[str, list[str]] = field(default_factory=dict)
    towns: dict[str, list[str]] = field(default_factory=dict)
    bare_counties: dict[str, list[str]] = field(default_factory=dict)
    bare_towns: dict[str, list[str]] = field(default_factory=dict)
    latin_counties: dict[str, list[str]] = field(default_factory=dict)
    latin_towns: dict[str, list[str]] = field(default_factory=dict)
    full: re.Pattern[str] = re.compile("(?!)")
    bare_start: re.Pattern[str] = re.compile("(?!)")
    bare_end: re.Pattern[str] = re.compile("(?!)")
    latin: re.Pattern[str] = re.compile("(?!)")


_lexicon = Lexicon()


def lexicon() -> Lexicon:
    """Made once for the table of regions kept in memory."""
    global _lexicon
    known = places()
    if _lexicon.source is not known:
        _lexicon = _made(known)
    return _lexicon


def bare(name: str) -> str:
    """A place without its ending (亭湖, 新兴), or "" where too little would be left."""
    for ending in _ENDINGS:
        if name.endswith(ending):
            return name.removesuffix(ending) if len(name) - len(ending) >= 2 else ""
    return ""


def _made(known: dict[str, tuple[str, str, str]]) -> Lexicon:
    found = Lexicon(source=known)
    for code, (level, _, name) in known.items():
        if level in {"COUNTY", "ZONE"}:
            found.counties.setdefault(name, []).append(code)
            if short := bare(name):
                found.bare_counties.setdefault(short, []).append(code)
        elif level == "TOWN":
            found.towns.setdefault(name, []).append(code)
            if name.endswith(("街道", "镇")) and (short := bare(name)):
                found.bare_towns.setdefault(short, []).append(code)
    for alias, code in ALIASES.items():
        if code in known:
            found.counties.setdefault(alias, []).append(code)
    for names, latin in ((found.bare_counties, found.latin_counties), (found.bare_towns, found.latin_towns)):
        for word, codes in names.items():
            for reading in {romanise(word)[0].lower(), *other_readings(word)}:
                latin.setdefault(reading, []).extend(codes)
    found.full = _one_of({**found.counties, **found.towns})
    found.bare_start = _one_of(found.bare_counties, "^")
    found.bare_end = _one_of(found.bare_counties, "", "$")
    found.latin = _one_of({**found.latin_counties, **found.latin_towns}, "^", LATIN_ENDING)
    return found


def _one_of(words: dict[str, list[str]], before: str = "", after: str = "") -> re.Pattern[str]:
    longest = sorted(map(re.escape, words), key=len, reverse=True)
    return re.compile(f"{before}({'|'.join(longest)}){after}") if longest else re.compile("(?!)")


def without_city(term: str) -> str:
    """The term without 江苏 and 盐城 before it."""
    return _CITY_LATIN.sub("", term) if term.isascii() else _CITY.sub("", term)


def without_generic(term: str) -> str:
    """The term without the words at its ends that every institution has in its name."""
    if term.isascii():
        return _GENERIC_LATIN.sub("", term)
    for ends in _GENERIC_ENDS:
        term = ends.sub("", term)
    return term


def filter_in(term: str) -> tuple[str, str, tuple[str, ...]] | None:
    """(the words, the parameter, its values) of the first filter said in a term."""
    for pattern, name, values in _FILTERS:
        if found := pattern.search(term):
            return found[0], name, values
    if (found := _MONTHS.search(term)) and int(found[1]) < 36:
        return found[0], "months", (found[1],)
    for words, months in _YEARS.items():
        if words in term:
            return words, "months", (str(months),)
    return None
