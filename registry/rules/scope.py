"""The wording of the business scope (业务范围 / 经营范围): REG-03 and REG-05 of domain.md §1.1.

A scope must say “托育服务” or “3岁以下婴幼儿照护服务”, a home-based one “家庭托育服务”. Saying it in an exclusion
(“不含托育服务”, “托育服务除外”) does not count, nor do look-alikes (“13岁以下…”, “受托育苗”).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from registry.choices import Nature
from registry.codes import registration as codes
from registry.rules import clauses
from yancheng_childcare.blanks import BLANKS
from yancheng_childcare.problems import Level, Problem

FIELD = "business_scope"
CARE = "托育服务"
INFANT_CARE = "3岁以下婴幼儿照护服务"
HOME_CARE = "家庭托育服务"

_LINE_BREAKS = "\n\r\x0b\x0c\x85\u2028\u2029"
_TIDY = {
    **{ord(c): None for c in BLANKS if c not in _LINE_BREAKS},
    **{ord(c): "\n" for c in _LINE_BREAKS},
    **{ord(c): None for c in "\"'“”‘’“”『』《》"},
    **{ord(c): "(" for c in "[{【〔〖"},
    **{ord(c): ")" for c in "]}】〕〗"},
    **{ord(c): "、" for c in "､/·・"},
    **{ord(c): "-" for c in "‐‑‒–—―−~～"},
    **{ord(c): "。" for c in "｡"},
}
_AGE_THREE = re.compile(r"(?<![0-9一二三四五六七八九十.])[三叁3](?:\n?周)*\n?岁")


def _wording(words: str, not_after: str = "") -> re.Pattern[str]:
    """The words, also when a cell wrapped them over two lines, but not after one of the given characters."""
    return re.compile((f"(?<![{not_after}])" if not_after else "") + r"\n?".join(map(re.escape, words)))


# 委托/受托/寄托 + 育… is another word; 13岁 is not 3岁.
_CARE = _wording(CARE, "委受寄依信")
_INFANT_CARE = _wording(INFANT_CARE, "0-9一二三四五六七八九十.")
_HOME_CARE = _wording(HOME_CARE)
_IRREGULAR = re.compile(
    "(?<![委受寄依信])托育|托儿|婴幼儿?(?:照护|看护|照料|托管|托班)"
    "|(?<![0-9十.])3岁以下[^;。]{0,12}(?:照护|看护|照料|托管)"
)
_EARLY_EDUCATION = re.compile("早教|早期教育|早期发展|亲子|启蒙|幼儿教育")

# Read from left to right, the last of these before the wording decides: excluded or included.
_TURN = re.compile(
    "(?P<out>不(?:再|得|可|能|予)?(?:包括|包含|含|涉及|从事|提供|开展|经营|设|办)|不得|不可|禁止|严禁|停止|暂停|取消|除外:|除了?(?!外)|非$|无$)"
    "|(?P<kept>以?外|包括|包含|含|仅限|限于|可|许可项目:|一般项目:)"
)
_EXCEPT_AFTER = re.compile("^(?:业务|项目|类)?(?:除外|不在|不含|不包括|不得|不予|不从事|不提供|不开展)")
_EXCEPT_LATER = re.compile("(?<!项目)(?<!的)除外")
_ONLY_EXCEPT = re.compile(
    r"^\((?:此项|该项|本项)?(?:除外|不含|不包括|不从事|不提供|不开展|不经营|已?停办|不得经营|不得从事)\)"
)
_OPEN_EXCLUSION = re.compile("(?:不(?:包括|包含|含|得|从事|提供|开展|经营)|除外|除了?):?\n?$")
_GROUP = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class ScopeFinding:
    """What a scope says. `matched`: the standard wordings found outside exclusions, in the words of the plan."""

    matched: tuple[str, ...] = ()
    excluded: bool = False
    irregular: str = ""
    early_education: bool = False


def normalise(text: str) -> str:
    """One spelling for matching: width, blanks, quotes, brackets, 三岁 → 3岁. Line breaks stay. Idempotent."""
    tidy = unicodedata.normalize("NFKC", text).translate(_TIDY)
    tidy = re.sub("\n+", "\n", unicodedata.normalize("NFKC", tidy)).strip("\n")
    return _AGE_THREE.sub("3岁", tidy)


@lru_cache(maxsize=4096)
def assess(text: str) -> ScopeFinding:
    """Which wordings a scope contains. Cached: the institutions of a city share a few hundred scopes."""
    scope = normalise(text)
    matched, excluded = [], False
    for name, pattern in ((CARE, _CARE), (INFANT_CARE, _INFANT_CARE), (HOME_CARE, _HOME_CARE)):
        verdicts = [_excluded(scope, hit.start(), hit.end()) for hit in pattern.finditer(scope)]
        excluded = excluded or any(verdicts)
        if not all(verdicts):
            matched.append(name)
    irregular = next((h for h in _IRREGULAR.finditer(scope) if not _excluded(scope, h.start(), h.end())), None)
    return ScopeFinding(
        matched=tuple(matched),
        excluded=excluded and not matched,
        irregular=irregular.group().replace("\n", "") if irregular else "",
        early_education=bool(_EARLY_EDUCATION.search(scope)),
    )


def matched_wording(text: str) -> tuple[str, ...]:
    """The standard wordings that count in this scope, () if none."""
    return assess(text).matched


def check_scope(text: str, nature: str) -> list[Problem]:
    """Whether the scope fits the nature; [] when it does. Sources: the plan 三（三）1; the rules on home-based care."""
    finding = assess(text)
    if nature == Nature.HOME:
        return _check_home(finding)
    if CARE in finding.matched or INFANT_CARE in finding.matched:
        if finding.matched == (CARE, HOME_CARE) and _only_home(text):
            message = f"范围只写了“{HOME_CARE}”，但机构性质不是家庭托育点，请核对；确属托育机构的，建议改为“{CARE}”。"
            return [_problem(codes.SCOPE_HOME_WORDING, message, Level.WARN, clauses.AGREED)]
        return []
    if finding.excluded:
        message = f"范围里的托育服务写在了排除的内容里，等于不提供；确实提供的，请先变更登记，写明“{CARE}”。"
        return [_problem(codes.SCOPE_EXCLUDED, message)]
    if nature in (Nature.KINDERGARTEN, Nature.EMPLOYER):
        message = f"沿用的原登记没有写明“{CARE}”或“{INFANT_CARE}”，可以先录入，建议提醒举办单位变更时补上。"
        return [_problem(codes.SCOPE_OF_HOST, message, Level.WARN, clauses.AGREED)]
    if finding.irregular:
        message = f"范围里的“{finding.irregular}”不是规范用语，请改为“{CARE}”或“{INFANT_CARE}”，与证照一并变更。"
        return [_problem(codes.SCOPE_IRREGULAR, message)]
    if finding.early_education:
        message = f"范围只有早期教育一类的内容，早教机构不在登记推送范围；提供托育的，请写明“{CARE}”。"
        return [_problem(codes.SCOPE_EARLY_EDUCATION, message, Level.BLOCK, clauses.AGREED)]
    message = f"范围里没有“{CARE}”或“{INFANT_CARE}”，请对照证照补全，证照上没有的请先变更登记。"
    return [_problem(codes.SCOPE_MISSING, message)]


def _check_home(finding: ScopeFinding) -> list[Problem]:
    if HOME_CARE in finding.matched:
        return []
    if finding.excluded:
        message = f"范围里的托育服务写在了排除的内容里，等于不提供；确实提供的，请先变更登记，写明“{HOME_CARE}”。"
        return [_problem(codes.SCOPE_EXCLUDED, message, Level.BLOCK, clauses.HOME_RULES)]
    message = f"家庭托育点的范围里必须有“{HOME_CARE}”，请对照营业执照补全，执照上没有的请先变更登记。"
    return [_problem(codes.HOME_SCOPE, message, Level.BLOCK, clauses.HOME_RULES)]


def _only_home(text: str) -> bool:
    """Whether every “托育服务” in the scope is part of a “家庭托育服务”."""
    scope = normalise(text)
    return len(_CARE.findall(scope)) == len(_HOME_CARE.findall(scope))


def _problem(code: str, message: str, level: Level = Level.BLOCK, clause: str = clauses.PLAN_REGISTRATION) -> Problem:
    return Problem(code, FIELD, message, level, clause)


def _excluded(scope: str, start: int, end: int) -> bool:
    """Whether the words at [start, end) stand in an exclusion, in brackets or in their own item."""
    before, after = _without_groups(scope[:start]), scope[end:]
    opening, closing = before.rfind("("), _without_groups(after).find(")")
    if opening >= 0 and closing >= 0:
        # Inside brackets an exclusion reaches to the closing bracket, over commas: (不含餐饮、托育服务).
        inner, tail = before[opening + 1 :], _without_groups(after)[:closing]
        outer = re.split("[;。,]", before[:opening])[-1]
        led_by = _last_turn(inner) or ("out" if _OPEN_EXCLUSION.search(outer) else "")
        return led_by == "out" or bool(_EXCEPT_LATER.search(tail) or _EXCEPT_AFTER.search(tail))
    # A line break ends an item, unless the exclusion stands right before it: 不含⏎托育服务.
    item = re.split("[;。,\n]", before.rstrip("\n") if _OPEN_EXCLUSION.search(before) else before)[-1]
    own_tail = re.split("[;。,、\n]", after, maxsplit=1)[0]
    return _last_turn(item) == "out" or bool(_EXCEPT_AFTER.search(own_tail) or _ONLY_EXCEPT.search(after))


def _last_turn(words: str) -> str:
    last = ""
    for turn in _TURN.finditer(words):
        last = turn.lastgroup or ""
    return last


def _without_groups(text: str) -> str:
    while (shorter := _GROUP.sub("", text)) != text:
        text = shorter
    return text
