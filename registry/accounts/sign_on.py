"""The province's single sign-on for legal persons: who signs in for an institution there may act for it here.

The provider vouches for the credit code and for the person; both are compared as they are told. Who was parted with by
the institution does not come back this way: a colleague invites them again.
"""

from __future__ import annotations

from django.db import transaction

from yancheng_childcare.models import User
from yancheng_childcare.problems import Problem, Rejected
from yancheng_childcare.secret_codes import hashed

from ..choices import OpeningPath
from ..codes import accounts as codes
from ..models import AccountOpening, Institution
from ..registration.pages.lookup import storable
from .entered import Person
from .opening import SALT, begin, use
from .people import duties_for, serves_an_authority
from .workflow import ISSUED, OPENED


def person_of(*, uscc: str, subject_index: str, name: str) -> User:
    """The account of this subject for the institution of that very code, opened at the first sign-on.

    Raises Rejected: 404 for no such registration, 403 for somebody the institution parted with or an authority employs.
    """
    with transaction.atomic():
        places = Institution.objects.select_for_update(of=("self",)).select_related("region")
        place = places.filter(uscc=uscc, status="ACTIVE").first()
        if place is None:
            words = "统一身份认证成功，但登记库里没有这家机构，或登记已经终止。请向登记机关核实。"
            raise Rejected(Problem(codes.ENDED, "", words), status=404)
        known = AccountOpening.objects.filter(
            secret_hash=hashed(subject_index, salt=SALT), path=OpeningPath.SSO, status=OPENED
        )
        earlier = known.filter(institution=place).select_related("user").first()
        if earlier is not None:
            if not duties_for(uscc).filter(user=earlier.person).exists():
                words = "您已不是这家机构的经办人。需要重新办理的，请由本机构经办人邀请。"
                raise Rejected(Problem(codes.HOLDS, "", words), status=403)
            if serves_an_authority(earlier.person):  # the institution's sign-on opens no authority's account
                raise Rejected(Problem(codes.STAFF, "", "这是工作人员账号，请用用户名和密码登录。"), status=403)
            return earlier.person
        elsewhere = known.select_related("user").first()
        person = Person(
            user=elsewhere.user if elsewhere else None,
            display_name=storable("name", name, "姓名", 50, []).strip() or "法人用户",
            username=f"fr{subject_index[:10]}",
        )
        return use(begin(OpeningPath.SSO, ISSUED, place, secret=subject_index), person).person
