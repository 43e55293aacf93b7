"""Which test keeps which promise: the tests sign in as the one it was made to, or look as a visitor does.

`KEPT` maps a test to the sentences it stands for. Sentences of letters and pledges that only repeat the law, captions and
questions promise nothing of the portal's: they stand in `NO_PROMISE`, so that a new sentence always has to be looked at.
"""

from __future__ import annotations

_FILING = "tests/registry/filing/"
_PUBLIC = "tests/registry/public/"
_PAGES = "tests/registry/pages/"
_KERNEL = "tests/kernel/"
_EXCHANGE = "tests/exchange/"

KEPT: dict[str, tuple[str, ...]] = {
    # --- accounts
    f"{_KERNEL}test_account_security.py::test_a_new_address_counts_when_the_link_was_opened_and_the_old_one_is_told_twice": (
        "更换时，原邮箱会收到通知",
        "启用后，其他设备上的登录会失效，原邮箱会收到通知",
    ),
    f"{_KERNEL}test_session_clock.py::test_an_idle_session_ends_after_thirty_minutes": (
        "已自动退出",
        "连续…分钟没有操作会自动退出",
    ),
    f"{_KERNEL}test_signin_limits.py::test_a_window_that_is_over_opens_again_and_trying_does_not_prolong_it": (
        "5分钟内输错5次密码，在这台电脑上会暂停登录，最多5分钟后自动解除",
        "如果是登录时看到这一页：密码多次输错后账号会暂时锁定，到时自动解除",
    ),
    f"{_KERNEL}test_single_sign_on.py::test_the_linked_subject_signs_in_and_the_first_time_is_kept_and_told": (
        "将转到…登录，登录后自动返回本平台",
    ),
    f"{_KERNEL}test_admin.py::test_a_calendar_edit_moves_open_clocks_and_says_so": (
        "没有办结的办理时限已按新日历重新计算，届满日有变化的已记入操作记录并通知管理员和市卫健委",
    ),
    # --- pushes
    f"{_EXCHANGE}test_replay.py::test_handled_makes_it_acked_and_received_alone_does_not": (
        "业务办完后调用回执接口，登记机关就能看到已处置",
    ),
    f"{_EXCHANGE}test_delivery.py::test_410_switches_the_endpoint_off_and_its_pushes_wait": (
        "返回410表示不再接收：端点停用，平台通知双方负责人，事件继续排队",
    ),
    f"{_EXCHANGE}test_delivery.py::test_an_event_arrives_signed_and_is_written_down": (
        "建立端点后，登记信息会自动推送到本部门系统",
        "在门户中办理一次设立登记即可看到",
    ),
    f"{_EXCHANGE}test_circuit.py::test_backoff_follows_the_contract_within_a_fifth": (
        "对方暂时不通，平台自动重试：5秒、30秒、2分钟、10分钟，以后每15分钟一次，不会放弃",
        "有推送未按时送达，平台在自动重试",
    ),
    f"{_EXCHANGE}test_rotation.py::test_old_and_new_verify_during_the_overlap_and_only_the_new_after": (
        "以前，每条推送同时带新旧两个签名，请在此之前换好",
    ),
    f"{_EXCHANGE}test_poison.py::test_one_poison_among_forty_streams": (
        "对方连续三次以同样的响应拒收，平台停止自动重试",
    ),
    f"{_EXCHANGE}test_delivery.py::test_a_paused_endpoint_gets_nothing_until_it_is_resumed": (
        "端点目前为…，批准或恢复推送后自动发出",
        "恢复后自动按顺序补发",
        "请联系接收单位的系统负责人，恢复后会自动补发",
    ),
    # --- registration
    f"{_PAGES}test_end.py::test_each_way_ends_the_registration_and_tells": (
        "不可撤回：平台随即通知卫生健康部门和公安机关",
        "平台会立即通知卫生健康部门和公安机关，已备案的应当一并注销备案，公开查询页显示登记已终止",
        "已…登记，正在通知卫生健康部门和公安机关",
    ),
    "tests/registry/imports/test_import_take.py::test_import_leaves_what_single_entries_leave": (
        "入库，已通知卫生健康部门和公安机关",
    ),
    "tests/registry/imports/test_import_keeping.py::test_a_table_is_deleted_thirty_days_after_it_is_done": (
        "上传的表格加密保存，入库…天后自动删除",
        "自动删除（保留…天）",
    ),
    "tests/registry/imports/test_import_keeping.py::test_a_table_of_people_is_deleted_too": (
        "上传的表格加密保存，…天后自动删除",
    ),
    # --- filing, towards the operator
    "tests/browser/test_filing_autosave.py::test_typing_is_saved_and_survives_a_lost_session": (
        "填写后会自动保存",
        "一栏一栏填，自动保存，可以换一台设备接着填",
        "已自动保存",
    ),
    f"{_FILING}test_operator_pages.py::test_start_answers_every_situation_and_opens_one_filing": (
        "登记信息会自动带入，不用再填",
        "机构经办人为自己的机构新建备案，登记信息自动带入",
    ),
    f"{_FILING}test_operator_pages.py::test_progress_says_who_has_it_until_when_and_what_next": (
        "每一步由谁办、到哪天，随时看得到",
    ),
    f"{_FILING}test_expiry.py::test_a_material_is_announced_at_each_step_and_once": (
        "人员、证件和培训登记一次，到期自动提醒",
    ),
    f"{_FILING}test_expiry.py::test_a_correction_that_does_not_come_lapses_and_loses_nothing": (
        "逾期没有补正的，本次提交自动退回，已填写的内容仍然保留，可以修改后再次提交",
    ),
    f"{_FILING}test_journey.py::test_a_move_supersedes_the_former_filing_when_receipted": (
        "新备案出具回执时，原备案自动注销，中间不会断档",
        "原备案在此之前继续有效",
    ),
    f"{_FILING}test_queue_pages.py::test_areas_decide_who_gets_new_cases": (
        "机构提交后，按所在镇（街道）自动指派给片区承办人",
    ),
    f"{_FILING}test_review_pages.py::test_claims_documents_rules_and_pictures_stand_together": (
        "请留意（不影响提交，审查人员也会看到）",
    ),
    f"{_FILING}test_filing_tables.py::test_every_finding_leads_to_a_field_of_the_filing": ("按填报内容自动核对",),
    # --- filing, towards the public
    f"{_PUBLIC}test_freshness.py::test_every_step_of_a_filing_shows_at_once": (
        "备案信息已在公开页面更新",
        "公开页面已更新",
        "备案有效，信息已经公开",
        "停业期间备案保留，公开页面显示停业",
        "办结后换发回执，旧回执不再有效，公开页面随即更新",
        "确认后备案状态变为已备案，公开页面随即更新，托位计入统计",
        "出具后机构立即收到回执和基本条件告知书，备案进入公开页面，随后安排现场核实",
        "已恢复服务，公开页面已更新",
        "提交后公开页面恢复为已备案，可以继续收托",
        "备案机关核对后注销备案，公开页面会显示已注销",
    ),
    f"{_FILING}test_public_filing.py::test_every_state_is_said_plainly_on_both_pages": (
        "注销后备案终止，回执失效，公开页面显示备案已注销，并通知有关部门",
        "撤销后备案自始不再有效，回执作废，公开页面和扫码核验显示备案已撤销，并通知有关部门",
    ),
    f"{_FILING}test_public_filing.py::test_the_list_of_the_nonconforming_until_it_is_put_right": (
        "经现场核实，备案内容不符合设置标准和管理规范的，本机关将书面通知你单位，说明理由，责令改正，并向社会公开",
        "依据上述办法，备案内容不符合的情况和理由将向社会公开",
        "改正并经核实符合的，公开信息随之更新",
        "理由摘要已向社会公开",
        "机构名称、理由摘要和期限向社会公开",
        "不符合的，书面说明理由、责令改正并公开",
        "将向社会公开的内容",
        "经核实，备案内容不符合标准规范，已责令限期改正，理由见公开名单",
    ),
    f"{_FILING}test_decision_pages.py::test_the_refusal_path_with_two_persons": ("签批前不发给机构，也不公开",),
    f"{_FILING}test_decision_pages.py::test_verification_takes_another_reviewer_and_two_officers": (
        "指派后，核实人员会收到任务，机构会收到通知",
    ),
    f"{_PUBLIC}test_institution_page.py::test_a_filed_case_shows_what_it_says_and_greys_what_is_old": (
        "收费会在公开页面显示",
        "公开页面逐块注明来源和确认日期",
    ),
    "tests/security/test_public_canaries.py": (
        "审查人员凭此联系，不对外公开",
        "法定代表人证件号和联系电话加密保存，不对外公开，工作页面默认遮盖",
    ),
    # --- people
    "tests/registry/people/test_people_pages.py::test_leaving_keeps_the_record_and_hides_what_comes_after": (
        "重新到岗的，请再次登记，本机构以前登记的证件会自动带入",
    ),
    f"{_FILING}test_history.py": (),
    # --- the public
    f"{_PUBLIC}test_reports.py::test_tracking_needs_both_and_the_pace_is_kept": (
        "10到1000个字，报错人凭查询码可以看到",
    ),
    f"{_PUBLIC}test_report_desk.py::test_the_contact_is_shown_for_a_reason_that_is_kept": (
        "电话或邮箱，加密保存，只用于核实和回复，不对外公开",
    ),
    f"{_PUBLIC}test_report_desk.py::test_the_clock_rings_once_before_and_once_after": (
        "公众对公开信息的报错和名录外机构的反映，按时限答复",
    ),
    f"{_PUBLIC}test_subscriptions.py::test_nothing_is_sent_before_the_address_says_yes": (
        "机构的公开信息有变更时，给您发邮件",
        "的备案状态、名称、地址、托位、收费等公开信息有变更时，给您发邮件",
        "按下后，…的公开信息有变更时，给您发邮件",
        "不是您本人的，不用理会：没有确认就不会再发邮件，地址到期自动删除",
    ),
    f"{_PUBLIC}test_subscriptions.py::test_unconfirmed_addresses_go_after_two_days": (
        "小时内没有确认的，地址自动删除",
        "链接…小时内有效，过期后地址自动删除",
        "不想要的，关掉本页即可，地址会自动删除",
    ),
}
