"""The documents the rules cite, by article. `AGREED` marks what is this portal's own choice, not law."""

from __future__ import annotations

from casework.documents.wording import AGREED as AGREED

PLAN_REGISTRATION = "《盐城市推进3岁以下婴幼儿照护服务工作实施方案》三（三）1"
FILING_AUTHORITY = "《托育机构登记和备案办法（试行）》第四条"
FILING_NAME = "《托育机构登记和备案办法（试行）》第五条"
HOME_RULES = "《家庭托育点管理办法（试行）》"
NON_ENTERPRISE_ITEMS = "《民办非企业单位登记管理暂行条例》第十二条"
PUBLIC_INSTITUTION_ITEMS = "《事业单位登记管理暂行条例》第八条"
USCC_STANDARD = "GB 32100—2015"
ORGANISATION_STANDARD = "GB 11714"
ID_STANDARD = "GB 11643"
