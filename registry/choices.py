"""The fixed vocabularies of a registration. Values are stored and sent; labels are shown."""

from __future__ import annotations

from django.db.models import TextChoices


class Nature(TextChoices):
    """What kind of institution it is; decides the registration authority, the certificate and the USCC prefix."""

    PUBLIC = "PUBLIC", "事业单位"
    NONPROFIT = "NONPROFIT", "民办非企业单位"
    FORPROFIT = "FORPROFIT", "营利性企业"
    FORPROFIT_IND = "FORPROFIT_IND", "个体工商户"
    KINDERGARTEN = "KINDERGARTEN", "幼儿园托班"
    EMPLOYER = "EMPLOYER", "用人单位办托"
    HOME = "HOME", "家庭托育点"


class CapitalKind(TextChoices):
    """Enterprises have registered capital; public institutions and social-service bodies have start-up funds."""

    REGISTERED = "REGISTERED", "注册资本"
    STARTUP = "STARTUP", "开办资金"


class RegistrationStatus(TextChoices):
    """State of a registration; all but ACTIVE are final (domain.md §1.4)."""

    ACTIVE = "ACTIVE", "存续"
    CANCELLED = "CANCELLED", "注销"
    REVOKED = "REVOKED", "吊销"
    RESCINDED = "RESCINDED", "撤销"


class RegistrationEvent(TextChoices):
    """What happened to a registration; each is pushed to the health and public-security departments."""

    REGISTERED = "REGISTERED", "设立登记"
    REG_CHANGED = "REG_CHANGED", "变更登记"
    REG_CANCELLED = "REG_CANCELLED", "注销登记"
    REG_REVOKED = "REG_REVOKED", "吊销或撤销登记"


class CertificateType(TextChoices):
    """The certificate an institution holds (domain.md §1.1)."""

    PUBLIC_INSTITUTION = "PUBLIC_INSTITUTION", "事业单位法人证书"
    NON_ENTERPRISE = "NON_ENTERPRISE", "民办非企业单位登记证书"
    BUSINESS_LICENCE = "BUSINESS_LICENCE", "营业执照"
    KINDERGARTEN_LICENCE = "KINDERGARTEN_LICENCE", "办学许可证和法人证书"
    HOST_CERTIFICATE = "HOST_CERTIFICATE", "举办单位证照"


class EntryChannel(TextChoices):
    """How a registration came into the portal."""

    FORM = "FORM", "页面填报"
    API = "API", "接口报送"
    IMPORT = "IMPORT", "批量导入"
    DEMO = "DEMO", "演示数据"


CERTIFICATE_BY_NATURE: dict[str, str] = {
    Nature.PUBLIC: CertificateType.PUBLIC_INSTITUTION,
    Nature.NONPROFIT: CertificateType.NON_ENTERPRISE,
    Nature.FORPROFIT: CertificateType.BUSINESS_LICENCE,
    Nature.FORPROFIT_IND: CertificateType.BUSINESS_LICENCE,
    Nature.KINDERGARTEN: CertificateType.KINDERGARTEN_LICENCE,
    Nature.EMPLOYER: CertificateType.HOST_CERTIFICATE,
    Nature.HOME: CertificateType.BUSINESS_LICENCE,
}

FINAL_STATUSES = frozenset({RegistrationStatus.CANCELLED, RegistrationStatus.REVOKED, RegistrationStatus.RESCINDED})
