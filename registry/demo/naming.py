"""Names of the demo institutions: believable, all different, none a brand that exists as far as sensible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .words import FIRST_WORDS, INDUSTRIES, SECOND_WORDS

BRANDS = len(FIRST_WORDS) * len(SECOND_WORDS)
# Prime to the number of brands: neighbours get brands far apart and none comes twice within a round.
STRIDE = 389


@dataclass(frozen=True, slots=True)
class Place:
    """A town or street with its county; `population` is the county's demo figure."""

    county: str
    county_name: str
    town: str
    town_name: str
    population: int
    health_name: str


def brand(serial: int) -> str:
    """The invented word of an institution; after 1,200 they come again with a number."""
    turn, index = divmod(serial, BRANDS)
    index = (index * STRIDE + 17) % BRANDS
    words = FIRST_WORDS[index // len(SECOND_WORDS)] + SECOND_WORDS[index % len(SECOND_WORDS)]
    return f"{words}{turn + 1}号" if turn else words


def county_short(place: Place) -> str:
    """How the county stands in names: 亭湖区, 东台市, 盐城经开区."""
    return {"320971": "盐城经开区", "3209GX": "盐南高新区"}.get(place.county, place.county_name)


def county_title(place: Place) -> str:
    """How the county stands in addresses."""
    full = place.county_name
    return full if full.startswith("盐城") else f"盐城市{full}" if full.endswith("区") else f"江苏省{full}"


def _city_and_county(place: Place) -> str:
    short = county_short(place)
    return f"盐城市{short}" if short.endswith("区") and not short.startswith("盐城") else short


def company_name(place: Place, words: str) -> str:
    """The plain form of a company."""
    return f"{_city_and_county(place)}{words}托育服务有限公司"


def name_of(nature: str, serial: int, place: Place) -> str:
    """The name of institution `serial`. About one in twelve companies lacks “托育”, which is only recommended."""
    words, short, town = brand(serial), county_short(place), place.town_name
    forms: Sequence[str]
    if nature == "FORPROFIT":
        forms = (
            company_name(place, words),
            f"{short}{town}{words}托育有限公司",
            f"盐城{words}托育服务有限公司",
            f"{_city_and_county(place)}{words}托育管理有限公司",
        )
        if serial % 12 == 5:
            forms = (f"盐城{words}婴幼儿照护服务有限公司", f"{short}{words}儿童成长中心有限公司")
    elif nature == "NONPROFIT":
        forms = (
            f"{short}{town}{words}托育中心",
            f"{_city_and_county(place)}{words}托育服务中心",
            f"{short}{words}社区托育园",
        )
        if serial % 10 == 3:
            forms = (f"{short}{words}婴幼儿照护中心",)
    elif nature == "FORPROFIT_IND":
        forms = (f"{short}{town}{words}托育服务部", f"{short}{words}托育园（个体工商户）")
    elif nature == "HOME":
        forms = (f"{short}{town}{words}家庭托育点", f"{short}{words}家庭托育点")
    elif nature == "KINDERGARTEN":
        forms = (f"{short}{words}幼儿园托班", f"{short}{town}{words}第二幼儿园托班", f"{short}机关{words}幼儿园托班")
    elif nature == "PUBLIC":
        forms = (f"{short}{words}托育综合服务中心", f"{short}{town}{words}公办托育中心")
    else:
        industry = INDUSTRIES[serial % len(INDUSTRIES)]
        forms = (f"盐城{words}{industry}有限公司职工托育园", f"{short}{words}{industry}产业园托育点")
    return forms[serial // 7 % len(forms)]
