"""Every error code of a registration and what it means. Codes are public: never reuse one, never change its meaning.

REG-0xx the unified social credit code · REG-1xx the domain's rules REG-01..REG-05 · REG-2xx single fields ·
REG-3xx dates · REG-4xx the ID number · REG-5xx checks that need the stored records (raised by services).
"""

from __future__ import annotations

USCC_EMPTY = "REG-001"
USCC_LENGTH = "REG-002"
USCC_CHARACTER = "REG-003"
USCC_CHECK_DIGIT = "REG-004"
USCC_ORGANISATION_DIGIT = "REG-005"
USCC_DEPARTMENT = "REG-006"
USCC_CATEGORY = "REG-007"
USCC_REGION_DIGITS = "REG-008"
USCC_PROVINCE = "REG-009"

NATURE_PREFIX = "REG-101"
NATURE_AUTHORITY = "REG-102"
SCOPE_MISSING = "REG-103"
HOME_NAME = "REG-104"
SCOPE_EARLY_EDUCATION = "REG-105"
NAME_WITHOUT_WORDING = "REG-106"
HOME_SCOPE = "REG-107"
SCOPE_EXCLUDED = "REG-108"
SCOPE_IRREGULAR = "REG-109"
AUTHORITY_UNKNOWN = "REG-110"
REGION_DIFFERS = "REG-111"
SCOPE_OF_HOST = "REG-112"
SCOPE_HOME_WORDING = "REG-113"

REQUIRED = "REG-201"
TOO_LONG = "REG-202"
CONTROL_CHARACTER = "REG-203"
NOT_TEXT = "REG-204"
NATURE_UNKNOWN = "REG-205"
CAPITAL_KIND_UNKNOWN = "REG-206"
CAPITAL_KIND_MISMATCH = "REG-207"
CAPITAL_NOT_NUMBER = "REG-208"
CAPITAL_NOT_POSITIVE = "REG-209"
CAPITAL_TOO_LARGE = "REG-210"
CAPITAL_DECIMALS = "REG-211"
PHONE_FORMAT = "REG-212"
PHONE_NO_AREA_CODE = "REG-213"
PHONE_MISSING = "REG-214"
REGION_FORMAT = "REG-215"
REGION_OUTSIDE = "REG-216"
REGION_IS_CITY = "REG-217"
TOWN_FORMAT = "REG-218"
PURPOSE_REQUIRED = "REG-219"
SUPERVISING_UNIT_REQUIRED = "REG-220"
UNREADABLE = "REG-221"

DATE_FORMAT = "REG-301"
DATE_NOT_EXISTING = "REG-302"
ESTABLISHED_IN_FUTURE = "REG-303"
APPROVED_BEFORE_ESTABLISHED = "REG-304"
APPROVED_IN_FUTURE = "REG-305"
VALIDITY_REVERSED = "REG-306"
DATE_TOO_EARLY = "REG-307"
CERTIFICATE_EXPIRED = "REG-308"

ID_EMPTY = "REG-401"
ID_LENGTH = "REG-402"
ID_OLD_FORM = "REG-403"
ID_CHARACTER = "REG-404"
ID_REGION = "REG-405"
ID_BIRTH_DATE = "REG-406"
ID_BORN_IN_FUTURE = "REG-407"
ID_TOO_YOUNG = "REG-408"
ID_TOO_OLD = "REG-409"
ID_CHECK_DIGIT = "REG-410"

USCC_ALREADY_REGISTERED = "REG-501"
REGION_UNKNOWN = "REG-502"
TOWN_NOT_IN_REGION = "REG-503"
REGION_NOT_YOURS = "REG-504"
ALREADY_FINAL = "REG-505"
USCC_NOT_FOUND = "REG-506"
VERSION_STALE = "REG-507"
NOTHING_CHANGED = "REG-508"
DUPLICATE_IN_FILE = "REG-509"
NOT_THIS_AUTHORITY = "REG-511"
USCC_FIXED = "REG-512"
REASON_REQUIRED = "REG-521"
TERMINATION_DATE = "REG-522"
FILING_NUMBER = "REG-531"
FILING_DATE = "REG-532"
REVEAL_REASON = "REG-541"
OTHER_AUTHORITY = "REG-561"

CODES: dict[str, str] = {
    USCC_EMPTY: "没有填写统一社会信用代码",
    USCC_LENGTH: "统一社会信用代码不是 18 位",
    USCC_CHARACTER: "统一社会信用代码含有不使用的字符（I、O、S、V、Z 或符号）",
    USCC_CHECK_DIGIT: "统一社会信用代码第18位校验码不对",
    USCC_ORGANISATION_DIGIT: "统一社会信用代码第17位（组织机构代码校验码）不对",
    USCC_DEPARTMENT: "统一社会信用代码第1位不是已知的登记管理部门",
    USCC_CATEGORY: "统一社会信用代码第2位不是该登记管理部门下的机构类别",
    USCC_REGION_DIGITS: "统一社会信用代码第3至8位不全是数字",
    USCC_PROVINCE: "统一社会信用代码第3、4位不是已知的省级区划",
    NATURE_PREFIX: "机构性质与信用代码前两位不符",
    NATURE_AUTHORITY: "登记机关不办理这种性质机构的登记",
    SCOPE_MISSING: "业务（经营）范围没有写明托育服务",
    HOME_NAME: "家庭托育点的名称没有“托育”",
    SCOPE_EARLY_EDUCATION: "业务（经营）范围只有早期教育，没有托育服务",
    NAME_WITHOUT_WORDING: "机构名称没有“托育”（提醒）",
    HOME_SCOPE: "家庭托育点的经营范围没有“家庭托育服务”",
    SCOPE_EXCLUDED: "业务（经营）范围把托育服务排除在外",
    SCOPE_IRREGULAR: "业务（经营）范围提到照护，但用语不规范",
    AUTHORITY_UNKNOWN: "报送单位不是登记机关",
    REGION_DIFFERS: "信用代码第3至8位与所属县（市、区）不同（提醒）",
    SCOPE_OF_HOST: "幼儿园或用人单位的原登记范围没有写明托育服务（提醒）",
    SCOPE_HOME_WORDING: "不是家庭托育点，范围却只写“家庭托育服务”（提醒）",
    REQUIRED: "必填项没有填写",
    TOO_LONG: "文字超过长度限制",
    CONTROL_CHARACTER: "文字含有看不见的控制字符",
    NOT_TEXT: "这一项应当是文字",
    UNREADABLE: "这一项是表格的错误值（#N/A 等）或没有结果的公式",
    NATURE_UNKNOWN: "机构性质不在可选范围内",
    CAPITAL_KIND_UNKNOWN: "资金类型不在可选范围内",
    CAPITAL_KIND_MISMATCH: "资金类型与机构性质不符",
    CAPITAL_NOT_NUMBER: "资金数额不是数字",
    CAPITAL_NOT_POSITIVE: "资金数额不大于 0",
    CAPITAL_TOO_LARGE: "资金数额超过上限",
    CAPITAL_DECIMALS: "资金数额超过 6 位小数",
    PHONE_FORMAT: "联系电话格式不对",
    PHONE_NO_AREA_CODE: "联系电话没有区号（提醒）",
    PHONE_MISSING: "没有填写联系电话（提醒）",
    REGION_FORMAT: "县（市、区）代码格式不对",
    REGION_OUTSIDE: "县（市、区）不在盐城市范围内",
    REGION_IS_CITY: "所属区划只填到市，没有填到县（市、区）",
    TOWN_FORMAT: "镇（街道）代码格式不对",
    PURPOSE_REQUIRED: "没有填写宗旨",
    SUPERVISING_UNIT_REQUIRED: "没有填写业务主管单位",
    DATE_FORMAT: "日期格式不对",
    DATE_NOT_EXISTING: "日期不存在",
    ESTABLISHED_IN_FUTURE: "成立日期晚于今天",
    APPROVED_BEFORE_ESTABLISHED: "核准日期早于成立日期",
    APPROVED_IN_FUTURE: "核准日期晚于今天",
    VALIDITY_REVERSED: "有效期止不晚于有效期起",
    DATE_TOO_EARLY: "日期早于 1949 年",
    CERTIFICATE_EXPIRED: "证照有效期已过（提醒）",
    ID_EMPTY: "没有填写证件号",
    ID_LENGTH: "身份证号不是 18 位",
    ID_OLD_FORM: "身份证号是已停用的 15 位旧号",
    ID_CHARACTER: "身份证号含有不使用的字符",
    ID_REGION: "身份证号的地区码不存在",
    ID_BIRTH_DATE: "身份证号的出生日期不存在",
    ID_BORN_IN_FUTURE: "身份证号的出生日期晚于今天",
    ID_TOO_YOUNG: "法定代表人（负责人）不满 18 周岁",
    ID_TOO_OLD: "身份证号的出生日期超过 100 周岁",
    ID_CHECK_DIGIT: "身份证号第18位校验码不对",
    USCC_ALREADY_REGISTERED: "这个统一社会信用代码已经登记，应办理变更",
    REGION_UNKNOWN: "区划表里没有这个区划代码",
    TOWN_NOT_IN_REGION: "镇（街道）不属于所选的县（市、区）",
    REGION_NOT_YOURS: "机构所在地不在登记机关的管辖范围内",
    ALREADY_FINAL: "登记已经注销、吊销或撤销，不能再办理",
    USCC_NOT_FOUND: "没有这个统一社会信用代码的登记",
    VERSION_STALE: "登记已被他人更新，手上的版本过期",
    NOTHING_CHANGED: "变更内容与现有登记相同",
    DUPLICATE_IN_FILE: "同一文件里信用代码重复",
    NOT_THIS_AUTHORITY: "不是该登记机关的经办人，或没有指明登记机关",
    USCC_FIXED: "统一社会信用代码不能变更",
    REASON_REQUIRED: "办理注销、吊销、撤销的原因没有填写或过长",
    TERMINATION_DATE: "终止日期没有填写或不合理",
    FILING_NUMBER: "国家系统备案编号没有填写或长度不对",
    FILING_DATE: "备案日期不在成立日期与今天之间",
    REVEAL_REASON: "查看完整号码没有写明事由",
    OTHER_AUTHORITY: "该机构由其他登记机关登记，不能通过导入变更",
}

#: Codes that only services can raise, because they compare with stored records.
CODES_OF_STORED_RECORDS = frozenset(code for code in CODES if code.startswith("REG-5"))
