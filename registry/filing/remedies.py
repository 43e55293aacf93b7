"""Who reviews a decision against an institution: stands on every such letter.

Review by the people's government of the same level, within 60 days (行政复议法 2023 第20条、第24条); suit within six months
(行政诉讼法 第46条) [K]. A zone has no people's government: the city's is named until its offices say otherwise ([A]).
"""

from __future__ import annotations

from yancheng_childcare.choices import RegionLevel
from yancheng_childcare.places import place_name

from ..models import Filing


def review_body(filing: Filing) -> str:
    """The people's government that reviews what the authority of this filing decides."""
    region = filing.institution.region
    above = place_name(region.parent_id or "")
    if region.level == RegionLevel.ZONE or filing.authority_id.startswith(f"{region.parent_id}-"):
        return f"{above}人民政府"
    # A district is named with its city: 盐城市亭湖区人民政府, but 东台市人民政府, 响水县人民政府.
    return f"{above if region.name.endswith('区') else ''}{region.name}人民政府"
