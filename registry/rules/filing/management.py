"""管理: parents' committee, age of the children, and the materials every filing rests on."""

from __future__ import annotations

from registry.choices import CERTIFICATE_BY_NATURE, CertificateType, Nature

from .checks import Params, check
from .classes import NO_CLASSES, total_enrolled
from .facts import FilingFacts
from .outcome import Outcome, count, failed, not_applicable, of_statement, passed, unknown
from .papers import paper

# Code and name of the materials without which there is no filing (登记和备案办法 第8条); the second part must conclude.
BASE_PAPERS = (
    ("M01_LICENSE", "法人证书", False),
    ("M04_SANITATION", "卫生评价报告", True),
    ("M05_FIRE", "消防证明", True),
)
# Who issues them; a certificate that names the other authority is not what it is said to be (25号文 第4条).
ISSUERS = {
    CertificateType.BUSINESS_LICENCE.value: ("市场监督管理部门", "民政"),
    CertificateType.NON_ENTERPRISE.value: ("民政部门", "市场监督"),
    CertificateType.PUBLIC_INSTITUTION.value: ("机构编制部门", "市场监督"),
}


@check("R-MGT-03")
def parents_committee(facts: FilingFacts, params: Params) -> Outcome:
    """A committee of parents; there are none before the first child."""
    if facts.parent_committee is not True and total_enrolled(facts) == 0:
        return not_applicable("还没有收托，收托后成立")
    return of_statement(
        facts.parent_committee,
        good=True,
        right="成立了家长委员会",
        wrong="没有成立家长委员会",
        open_question="还没有说明是否成立家长委员会",
    )


@check("R-MGT-04")
def under_three(facts: FilingFacts, params: Params) -> Outcome:
    """Nobody of 36 months or more."""
    if not facts.classes:
        return unknown(NO_CLASSES)
    groups = [group for group in facts.classes if group.enrolled != 0]
    if not groups:
        return not_applicable("还没有收托")
    limit = int(params["max"])
    ages = [count(group.oldest_months) for group in groups]
    known = [age for age in ages if age is not None]
    if known and max(known) >= limit:
        return failed(f"最大 {max(known)} 个月，应当不满 {limit} 个月", f"{max(known)} 个月")
    if len(known) < len(ages):
        return unknown("有班级没有填写最大月龄")
    return passed(f"最大 {max(known)} 个月，不满 {limit} 个月", f"{max(known)} 个月")


@check("R-MAT-01")
def base_papers(facts: FilingFacts, params: Params) -> Outcome:
    """Licence, hygiene report and fire proof are in date and conclude well; whether they are there is the gate's matter."""
    if facts.materials is None:
        return unknown("还没有上传材料")
    found = [
        paper(facts, code, name, conclusion=concludes)
        for code, name, concludes in BASE_PAPERS
        if facts.material(code) is not None
    ]
    wrong = [outcome.message for outcome in found if outcome.verdict == "FAIL"] + certificate_faults(facts)
    if wrong:
        return failed("；".join(wrong), f"{len(wrong)} 份")
    open_questions = [outcome.message for outcome in found if outcome.verdict == "UNKNOWN"]
    if open_questions or len(found) < len(BASE_PAPERS):
        return unknown("；".join(open_questions) or "法人证书、卫生评价报告、消防证明还没有传齐")
    return passed("法人证书、卫生评价报告、消防证明都在有效期内，结论合格", f"{len(found)} 份")


def certificate_faults(facts: FilingFacts) -> list[str]:
    """What is wrong with the certificate by the register and by the nature of the institution."""
    wrong = []
    if facts.certificate_until is not None and facts.certificate_until < facts.today:
        wrong.append(f"登记机关登记的证照有效期至 {facts.certificate_until.isoformat()}，已经到期，请先换领证照")
    paper_handed_in, fitting = facts.material("M01_LICENSE"), CERTIFICATE_BY_NATURE.get(facts.nature)
    if paper_handed_in is None or fitting is None:
        return wrong
    nature, name = Nature(facts.nature).label, CertificateType(fitting).label
    if paper_handed_in.kind in CertificateType.values and paper_handed_in.kind != fitting:
        wrong.append(f"机构性质是{nature}，应当提交{name}，不是{CertificateType(paper_handed_in.kind).label}")
    issuer, other = ISSUERS.get(fitting, ("", ""))
    if other and other in paper_handed_in.issuer:
        wrong.append(f"{name}由{issuer}颁发，填写的出具单位是{paper_handed_in.issuer}")
    return wrong
