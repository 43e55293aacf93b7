"""Which test keeps which promise: the tests sign in as the one it was made to, or look as a visitor does.

`KEPT` maps a test to the sentences it stands for. Sentences of letters and pledges that only repeat the law, captions and
questions promise nothing of the portal's: they stand in `NO_PROMISE`, so that a new sentence always has to be looked at.
"""

from __future__ import annotations

_FILING = "tests/registry/filing/"
_PUBLIC = "tests/registry/register/"
_PAGES = "tests/registry/registration/pages/"
_KERNEL = "tests/kernel/"
_EXCHANGE = "tests/exchange/"
_IMPORTS = "tests/registry/registration/imports/"
_HERE = "tests/promises/test_kept.py::"
_PUSHES = "tests/promises/test_kept_pushes.py::"

_OPENINGS = "tests/registry/accounts/"
_CASES = "tests/casework/"
_CLUES = "tests/inspections/test_clues.py"
_INSPECTIONS = "tests/inspections/"

KEPT: dict[str, tuple[str, ...]] = {
    # --- inspections and draws
    f"{_INSPECTIONS}test_publication.py::test_a_published_result_stands_everywhere_and_nothing_else_of_the_inspection": (
        "{no}公众可以在您的机构页面看到",
        "公开机构名称、检查类型、日期、单位和结果",
        "不公开人员和孩子的任何信息",
        "检查结果将依法公开",
    ),
    f"{_INSPECTIONS}test_publication.py::test_another_field_is_neither_counted_nor_named": (
        "只公开本部门职责内的内容",
        "只公开各部门本领域的检查结果，展示3年",
    ),
    f"{_INSPECTIONS}test_publication.py::test_after_three_years_it_is_off_the_page": (
        "检查结果在形成之日起20个工作日内公开，展示3年，更早的可以依申请公开",
    ),
    f"{_INSPECTIONS}test_publication.py::test_what_is_rescinded_disappears_everywhere": ("结果从所有公开的地方撤下",),
    f"{_INSPECTIONS}test_publication.py::test_the_page_follows_the_order_at_once": (
        "过了期限还没有改好，改好并复查通过之前一直显示",
    ),
    f"{_INSPECTIONS}test_inspection.py::test_from_request_to_publication": (
        "机构可以在…前提出异议，之后才能公开",
        "只能提出一次，答复前不公开",
        "部门依法检查后的结论，告知机构、听取异议之后才公开",
        "批准后，检查人员可以发出通知书",
        "{no}（{name}）可以发出通知书",
        "之后依法公开",
    ),
    f"{_INSPECTIONS}test_inspection.py::test_what_belongs_to_another_body_is_noted_and_goes_there": (
        "请写明不属于本单位职责的理由，移送机关会收到",
    ),
    f"{_INSPECTIONS}test_inspection.py::test_an_order_names_findings_and_its_clock_begins_with_the_service": (
        "依法责令改正，另行送达通知书",
    ),
    f"{_INSPECTIONS}test_inspection.py::test_the_notice_says_how_often_and_what_the_institution_may": (
        "通知书写明频次、回避、申辩和投诉电话",
        "{no}请查看通知书",
    ),
    f"{_INSPECTIONS}test_draw_pages.py::test_a_void_batch_says_so_and_why": ("作废的批次和原因仍然公开",),
    f"{_INSPECTIONS}test_batch.py::test_a_place_that_is_gone_is_followed_by_the_next_of_the_reserve": ("递补公开",),
    f"{_INSPECTIONS}test_draw_pages.py::test_the_downloaded_files_and_script_alone_come_to_the_same": (
        "检查哪家、由谁检查，由公开的随机数决定，谁都可以重新算一遍",
    ),
    f"{_INSPECTIONS}test_draw_pages.py::test_nothing_is_published_before_the_pool_is_frozen": ("计划在双随机页面公开",),
    f"{_INSPECTIONS}test_record_page.py::test_both_sides_read_the_record_once_it_is_signed": (
        "笔录还没有签名，现在只有检查机关能看到",
    ),
    # --- cases of every type
    f"{_CASES}test_broken_cases.py::test_one_correction_at_a_time_and_none_of_what_was_recalled": (
        "已经有一份更正通知书等待发出",
    ),
    f"{_CASES}test_broken_cases.py::test_a_proposal_ends_with_the_case_and_its_proposer_hears_of_it": (
        "办件已经办到下一步，提请自动失效",
    ),
    f"{_CASES}test_any_type.py::test_a_letter_is_read_signed_for_and_answered_on_its_page": (
        "签发更正通知书",
        "4到2000个字，承办人会收到消息",
        "答复已提交，承办人会收到消息",
        "更正通知书已签发，稍后发出",
        "10到1000个字，写进更正通知书",
    ),
    f"{_CASES}test_any_type.py::test_a_letter_is_held_recalled_or_sent_and_then_corrected": (
        "当事人不会收到",
        "发出的文书有误，另发更正通知书",
        "内容有误的，请另发更正通知书",
    ),
    f"{_CASES}test_any_type.py::test_two_persons_sign_its_end_and_the_guards_look_again": ("提出人会收到您的意见",),
    f"{_CLUES}::test_what_one_officer_has_no_other_ends_before_it_is_handed_over": ("4到300个字，接手人会看到",),
    f"{_CLUES}::test_who_is_on_leave_is_stood_in_for": ("已登记，代理人会收到消息，期间您的办件也出现在其工作台上",),
    f"{_CLUES}::test_who_may_take_which_step_in_each_state_and_who_reads": ("写明结果，网格员会收到",),
    # --- accounts of institutions, the administrators' pages
    f"{_OPENINGS}test_opening.py::test_a_refusal_says_why_and_opens_nothing": (
        "4到200个字，申请人会看到",
        "请写明不予开通的理由，…到…个字，申请人会看到",
    ),
    f"{_OPENINGS}test_opening.py::test_a_code_works_once_and_a_new_one_voids_it": ("平台不保存原文",),
    f"{_OPENINGS}test_opening.py::test_with_the_registrars_code_the_account_opens_at_once": (
        "只用于与登记信息核对，不保存明文",
    ),
    f"{_OPENINGS}test_colleagues.py::test_who_was_parted_with_is_out_at_once_and_their_invitations_too": (
        "邀请同事一起办理，人员离开时立即解除",
    ),
    f"{_OPENINGS}test_staff_table.py::test_submitted_by_one_approved_by_another_and_taken": ("先检查，不保存任何人员",),
    f"{_OPENINGS}test_staff_table.py::test_the_link_of_a_new_person_takes_both_administrators": (
        "每次领取都是新的，以前领取的随即失效",
    ),
    f"{_OPENINGS}test_staff_table.py::test_a_refusal_needs_a_reason_keeps_it_and_tells_who_submitted": (
        "只在不予批准时填写，4至200个字，提出人会看到",
        "请写明不予批准的理由，提出人会看到，例如哪一行要改成什么",
    ),
    f"{_OPENINGS}test_staff_table.py::test_two_thousand_rows_are_checked_with_few_queries_and_taken_by_the_worker": (
        "行数较多，在后台办理，完成后提交人会收到消息",
    ),
    f"{_KERNEL}test_staff_approvals.py::test_the_page_shows_all_that_is_approved_and_it_takes_effect": (
        "打开后看到的就是批准的全部内容",
    ),
    f"{_KERNEL}test_staff_people.py::test_link_second_factor_and_address_are_asked_for": (
        "批准的管理员会看到，例如：本人更换手机，已当面核对身份",
    ),
    f"{_KERNEL}test_staff_calendar.py::test_a_new_day_moves_the_open_clocks_and_is_kept": (
        "保存后，没有办结的办理时限立即按新日历重新计算",
    ),
    f"{_KERNEL}test_staff_calendar.py::test_a_day_is_changed_and_deleted": (
        "这一天恢复为内置日历的安排，没有办结的办理时限立即重新计算",
    ),
    # --- keys of the exchange
    f"{_EXCHANGE}pages/test_exchange_keys.py::test_the_key_of_somebody_who_left_does_not_work": (
        "使用人离开本部门、职责到期或账号停用后，密钥立即不能使用",
        "密钥以使用人的职责行事，使用人离开本部门后自动失效",
    ),
    f"{_EXCHANGE}pages/test_exchange_keys.py::test_a_new_key_takes_the_place_of_the_old_which_works_on_for_a_day": (
        "定期轮换：新密钥立即可用，旧密钥再用…小时，程序不中断",
        "旧密钥…停用，请在此之前换好",
        "新密钥立即可用，只显示一次，请准备好转交给接收系统的维护人员",
    ),
    f"{_EXCHANGE}pages/test_exchange_keys.py::test_a_leaked_key_ends_at_once": ("怀疑泄露：立即作废", "立即作废"),
    f"{_EXCHANGE}pages/test_exchange_keys.py::test_an_ended_key_takes_its_former_one_along": (
        "作废后立即不能使用，轮换后还在用的旧密钥也一并停用",
    ),
    f"{_EXCHANGE}pages/test_exchange_keys.py::test_the_other_integrators_and_the_administrators_are_told_of_every_act": (
        "新建、批准、轮换、作废都有记录，并通知本部门其他对接人和平台管理员",
    ),
    f"{_EXCHANGE}pages/test_exchange_words.py::test_after_sending_again_the_page_follows_until_there_is_an_answer": (
        "有了答复，本页自动更新",
    ),
    f"{_EXCHANGE}pages/test_exchange_words.py::test_before_the_first_push_the_page_says_what_comes_next": (
        "订阅的辖区一有新登记就自动推送，无需操作",
    ),
    f"{_EXCHANGE}pages/test_exchange_words.py::test_an_endpoint_that_mostly_fails_is_not_called_well": (
        "近24小时成功率…，平台在自动重试，原因见推送记录",
    ),
    # --- what follows, on the desk
    "tests/casework/test_inbox.py::test_police_and_registrar_read_the_same_day_from_both_sides": (
        "回告后，登记机关和卫生健康部门同时看到",
    ),
    f"{_PUBLIC}test_reports.py::test_tracking_needs_both_and_the_pace_is_kept": (
        "答复后，反映问题的人凭查询码看到结果",
    ),
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
    f"{_PUSHES}test_after_410_the_integrator_is_told_and_goes_on_by_the_button": (
        "与接收单位确认地址后，在端点页点恢复推送即继续推送",
        "恢复后立即按顺序补发积压的推送",
    ),
    f"{_PUSHES}test_an_endpoint_without_events_gets_none": (
        "这个端点没有订阅任何事件，不会收到推送",
        "没有勾选任何事件，不会收到推送",
    ),
    f"{_PUSHES}test_what_waits_at_a_paused_endpoint_is_told_after_fifteen_minutes": ("超过15分钟未送达会提醒有关人员",),
    f"{_EXCHANGE}test_delivery.py::test_after_an_outage_one_probe_and_then_all_at_once": (
        "连续失败后改为逐条试探，对方恢复后立即补发，无需操作",
        "有推送没有成功，平台在自动重试，原因见推送记录",
        "连续失败五次后，改为一次只试一条，恢复后立即补发积压",
    ),
    f"{_EXCHANGE}test_delivery.py::test_a_failed_head_holds_back_its_own_institution_only": (
        "更早的一条结束后，这一条随即发出",
    ),
    f"{_EXCHANGE}test_replay.py::test_sending_again_keeps_the_id": ("平台立即再次推送，沿用原来的推送编号",),
    f"{_EXCHANGE}test_replay.py::test_ping_says_what_came_back": (
        "立即发一条签名的测试事件，不含登记信息，用来核对地址和验签",
    ),
    f"{_EXCHANGE}test_rotation.py::test_a_leaked_key_is_retired_at_once": (
        "新旧两把密钥并行的小时数，0为立即停用旧密钥",
        "立即停用（密钥已泄露时）",
    ),
    f"{_EXCHANGE}test_circuit.py::test_backoff_follows_the_contract_within_a_fifth": (
        "对方暂时不通，平台自动重试：5秒、30秒、2分钟、10分钟，以后每15分钟一次，不会放弃",
        "有推送未按时送达，平台在自动重试",
    ),
    f"{_EXCHANGE}test_rotation.py::test_old_and_new_verify_during_the_overlap_and_only_the_new_after": (
        "以前，每条推送同时带新旧两个签名，请在此之前换好",
        "平台随即用新密钥签名",
    ),
    f"{_EXCHANGE}test_poison.py::test_one_poison_among_forty_streams": (
        "对方连续三次以同样的响应拒收，平台停止自动重试",
        "该机构后面的推送会排队等待，其他机构不受影响",
        "该机构后面的推送在排队，其他机构不受影响",
    ),
    f"{_EXCHANGE}test_delivery.py::test_a_paused_endpoint_gets_nothing_until_it_is_resumed": (
        "端点目前为…，批准或恢复推送后自动发出",
        "恢复后自动按顺序补发",
        "请联系接收单位的系统负责人，恢复后会自动补发",
    ),
    # --- registration
    f"{_PUSHES}test_both_departments_have_each_registration_and_the_public_reads_its_end": (
        "登记机关录入、变更、注销托育机构登记后，平台立即推送给同级卫生健康部门和所在地公安机关的业务系统",
        "登记保存后，平台立即推送机构所在地的卫生健康部门和公安机关，没有送达的持续重发，送达和处置都有记录",
        "立即推送机构所在地的卫生健康部门和公安机关，送达情况显示在登记页面",
        "保存后立即推送卫生健康部门和公安机关",
        "提交后立即推送卫生健康部门和公安机关",
        "建立端点后，登记信息会自动推送到本部门系统",
        "在门户中办理一次设立登记即可看到",
        "不可撤回：平台随即通知卫生健康部门和公安机关",
        "平台会立即通知卫生健康部门和公安机关，已备案的应当一并注销备案，公开查询页显示登记已终止",
        "已…登记，正在通知卫生健康部门和公安机关",
    ),
    f"{_IMPORTS}test_import_take.py::test_import_leaves_what_single_entries_leave": (
        "入库，已通知卫生健康部门和公安机关",
        "入库后，…家机构的登记随即生效，并推送卫生健康部门和公安机关",
    ),
    f"{_IMPORTS}test_import_api.py::test_dry_run_counts_and_lists": ("1：只检查，不保存",),
    f"{_IMPORTS}test_import_pages.py::test_the_whole_way": ("上传后先检查，不保存",),
    f"{_PAGES}test_create.py::test_a_good_registration_is_saved_pushed_and_shown": ("按机构性质自动选择",),
    # --- those who look on
    f"{_PAGES}test_audit.py::test_nobody_else_enters": ("只有审计管理员可以看到",),
    f"{_KERNEL}test_kernel_pages.py::test_acts_cannot_be_changed_or_removed": ("记录不能修改和删除",),
    f"{_KERNEL}test_unmasking.py::test_the_auditors_read_every_morning_who_looked_at_how_many": (
        "有…人查看完整号码，已通知审计人员",
    ),
    f"{_KERNEL}test_tracebacks.py::test_a_fault_in_a_view_is_found_by_file_and_line": ("系统出现故障，已自动记录",),
    "tests/faults/test_database_away.py::test_a_server_that_ends_in_the_middle_of_a_request": (
        "服务暂时不可用，已经保存的数据不受影响",
    ),
    f"{_IMPORTS}test_import_keeping.py::test_a_table_is_deleted_thirty_days_after_it_is_done": (
        "上传的表格加密保存，入库…天后自动删除",
        "自动删除（保留…天）",
    ),
    f"{_IMPORTS}test_import_keeping.py::test_a_table_of_people_is_deleted_too": ("上传的表格加密保存，…天后自动删除",),
    # --- filing, towards the operator
    "tests/browser/test_filing_autosave.py::test_typing_is_saved_and_survives_a_lost_session": (
        "填写后会自动保存",
        "一栏一栏填，自动保存，可以换一台设备接着填",
        "已自动保存",
    ),
    f"{_HERE}test_a_new_filing_holds_what_is_registered": (
        "登记信息会自动带入，不用再填",
        "机构经办人为自己的机构新建备案，登记信息自动带入",
    ),
    f"{_FILING}test_operator_pages.py::test_progress_says_who_has_it_until_when_and_what_next": (
        "每一步由谁办、到哪天，随时看得到",
    ),
    f"{_HERE}test_a_paper_that_ends_is_told_to_the_institution": (
        "人员、证件和培训登记一次，到期自动提醒",
        "证件快到期时，平台会提前提醒",
    ),
    f"{_FILING}test_journey.py::test_a_move_supersedes_the_former_filing_when_receipted": (
        "新备案出具回执时，原备案自动注销，中间不会断档",
    ),
    f"{_HERE}test_a_filing_given_up_is_the_institutions_own_unless_it_was_handed_in": (
        "从未提交过的，只有本机构能看到",
        "提交过的，备案机关也能看到",
    ),
    f"{_HERE}test_another_filing_started_and_given_up_leaves_the_one_in_force": (
        "原有的有效备案不受影响",
        "原有备案不受影响",
        "原备案在此之前继续有效",
        "人员在台账中登记一次，每次备案自动带入",
        "办理备案时人员自动带入，不用再填",
    ),
    f"{_FILING}test_pledge.py::test_a_draft_started_by_mistake_is_given_up_by_a_step_and_stays_unseen": (
        "以后需要备案的，可以另行新建，上次填写的内容会自动带入",
    ),
    f"{_FILING}test_pledge.py::test_what_is_known_is_not_typed_again": ("托位总数按各班托位自动合计，不用另填",),
    f"{_FILING}test_pledge.py::test_what_does_not_conform_is_explained_and_excepted_from_the_pledge": (
        "审查人员会看到",
    ),
    f"{_FILING}test_operator_pages.py::test_classes_are_added_changed_and_taken_out_one_page_each": (
        "删除后，这个班的内容不能恢复，其他班不受影响",
    ),
    f"{_HERE}test_an_identity_number_in_a_text_is_hidden_and_said": ("里的身份证号码已自动隐去，请删去这一段",),
    f"{_HERE}test_what_to_mind_before_handing_in_is_what_the_reviewer_reads": ("请留意（审查人员也会看到）",),
    f"{_HERE}test_a_letter_is_the_institutions_at_once": (
        "发出后机构立即收到，办理时限暂停，补正期开始计算",
        "签批后告知书立即发给机构，办理时限暂停，补正期开始计算",
        "签批后本件办结，告知书立即发给机构",
        "签发后告知书立即发给机构，责令限期改正",
        "签发后文书立即发给机构",
    ),
    f"{_FILING}test_decision_letters.py::test_the_decision_is_a_letter_the_institution_has_at_once": (
        "决定书立即发给机构",
    ),
    f"{_FILING}test_change_is_a_difference.py::test_a_price_is_updated_at_once_without_a_new_receipt": (
        "更新，立即生效",
        "它们不在备案回执上，提交后立即生效，不换回执，不用重新签署承诺书",
        "新的收费标准随即在公开页面显示",
        "已更新，公开页面已按新的内容显示",
    ),
    f"{_FILING}test_change_is_a_difference.py::test_the_reviewers_are_told_of_an_update": (
        "备案机关会收到消息",
        "这些不在备案回执上：改了立即生效，不换回执，不用重新签署承诺书，备案机关会收到消息",
    ),
    f"{_FILING}test_queue_pages.py::test_areas_decide_who_gets_new_cases": (
        "机构提交后，按所在镇（街道）自动指派给片区承办人",
    ),
    f"{_FILING}test_operator_pages.py::test_precheck_groups_every_finding_with_its_clause": ("按填报内容自动核对",),
    # --- filing, towards the public
    f"{_FILING}test_closing_public.py::test_parents_see_it_as_soon_as_it_is_filed": (
        "提交后，停业日期、预计恢复日期、原因、安置去向和退费联系方式立即向社会公开",
        "提交后，停止服务的日期、原因、安置去向和退费联系方式立即向社会公开",
        "停业安排已提交，已在公开页面显示",
        "终止服务申请已提交，已在公开页面显示",
        "请写明原因，不少于4个字，原因会向社会公开",
        "4至300字，会向社会公开",
        "写转到哪些机构、各多少人，家长可以看到",
        "联系人和电话，家长可以看到",
    ),
    f"{_FILING}test_closing_public.py::test_from_the_day_it_is_stopped_and_history_tells_it_once": (
        "到停业当天，公开页面显示停业",
        "停业期间不得收托婴幼儿，公开页面已显示停业",
    ),
    f"{_FILING}test_closing.py::test_an_arrangement_is_taken_back_once": ("停业日期之前照常服务，可以更新或撤回",),
    f"{_FILING}test_closing_public.py::test_what_is_taken_back_is_gone_and_said": (
        "撤回后照常服务，公开页面不再显示停业安排",
        "已撤回停业安排，公开页面已更新",
    ),
    f"{_HERE}test_a_closure_taken_back_is_gone_from_every_public_page": (
        "撤回后备案继续有效，公开页面不再显示终止服务的安排",
        "已撤回终止服务申请，公开页面已更新",
    ),
    f"{_PUBLIC}test_freshness.py::test_every_step_of_a_filing_shows_at_once": (
        "备案信息已在公开页面更新",
        "备案已于{ended}注销，公开页面已更新",
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
        "注销后公开页面随即更新，登记机关收到推送",
        "撤销后备案自始不再有效，回执作废，公开页面和扫码核验显示备案已撤销，并通知有关部门",
        "撤销备案的情况向社会公开，并通报有关部门",
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
    f"{_FILING}test_visits.py::test_all_three_kinds_of_officers_and_the_institution_are_told": (
        "办理后，换下的、新派的和继续承担的核实人员以及机构都会收到通知",
        "不少于两名人员，定下到场日期，机构随即收到通知",
    ),
    f"{_PUBLIC}test_institution_page.py::test_a_filed_case_shows_what_it_says_and_greys_what_is_old": (
        "收费会在公开页面显示",
        "公开页面逐块注明来源和确认日期",
    ),
    f"{_HERE}test_what_is_said_to_be_published_is_on_the_page": ("备案后公布在机构页面，家长可以看到",),
    "tests/security/test_public_canaries.py::test_no_canary_leaves_by_any_public_address": (
        "加密保存，不对外公开",
        "选填，加密保存，不对外公开",
        "联系人的电话和邮箱不公开",
        "法定代表人证件号和联系电话加密保存，不对外公开，工作页面默认遮盖",
    ),
    # --- people
    f"{_HERE}test_who_comes_back_has_the_papers_of_before": ("重新到岗的，请再次登记，本机构以前登记的证件会自动带入",),
    # --- the public
    f"{_HERE}test_a_report_passed_on_keeps_number_and_code_and_is_answered_there": (
        "需要别的部门处理的，会转给它，编号和查询码不变",
        "平台不保存查询码原文，丢失后无法找回",
        "10到1000个字，报错人凭查询码可以看到",
    ),
    f"{_HERE}test_the_answers_of_the_self_check_are_kept_nowhere": (
        "不用登录，填写的内容不保存",
        "平台不保存，也不影响以后的备案",
    ),
    f"{_PUBLIC}test_search_page.py::test_the_visitors_position_stands_in_no_log": ("位置不保存",),
    "tests/browser/test_public_register.py::test_position_is_asked_only_on_tap_and_stays_out_of_storage": (
        "只在点按时询问一次，精确到约100米，只用来计算距离，平台不保存",
    ),
    f"{_PUBLIC}test_subscriptions.py::test_leaving_takes_one_post_without_a_cookie_and_erases": (
        "退订（退订后立即删除您的邮箱地址）",
        "每封邮件里都有退订链接，退订后立即删除地址",
        "按下后，不再发送…的变更，您的邮箱地址立即删除",
        "也可以立即删除",
    ),
    f"{_PUBLIC}test_subscriptions.py::test_asking_again_makes_no_second_row_and_tells_nothing": (
        "您已经订阅…的公开信息变更，不用再确认",
    ),
    f"{_PUBLIC}test_report_desk.py::test_the_contact_is_shown_for_a_reason_that_is_kept": (
        "电话或邮箱，加密保存，只用于核实和回复，不对外公开",
    ),
    f"{_PUBLIC}test_subscriptions.py::test_nothing_is_sent_before_the_address_says_yes": (
        "机构的公开信息有变更时，给您发邮件",
        "的备案状态、名称、地址、托位、收费等公开信息有变更时，给您发邮件",
        "我们只保存您的邮箱地址和关注的对象，地址加密保存，只用来发变更通知，不作他用，不提供给别人",
        "按下后，…的公开信息有变更时，给您发邮件",
        "不是您本人的，不用理会：没有确认就不会再发邮件，地址到期自动删除",
    ),
    f"{_PUBLIC}test_subscriptions.py::test_unconfirmed_addresses_go_after_two_days": (
        "小时内没有确认的，地址自动删除",
        "链接…小时内有效，过期后地址自动删除",
        "不想要的，关掉本页即可，地址会自动删除",
    ),
}

# Captions, ways to a page, legal texts, names of tables, lines of the log of acts, hints of what to do: nothing that the
# portal will do.
NO_PROMISE: tuple[str, ...] = (
    "通知有关部门",
    "检查结果公开",
    "公开随机源",
    "通知书没有发出、已经撤回，或者还没有送达",
    "公开前的核对时间还没有过",
    "自动喷水/火灾报警或联网独立感烟、应急照明、疏散标志",
    "在不同班各观察十分钟，分别问三名员工，由检查人员任选三段录像看，疑似的保全原件并立即报告",
    "查本学期家长会、开放日通知和签到，抽三次看日期和反馈，问一位负责人意见如何处理",
    "已报警，已通知监护人，孩子已交给监护人",
    "检查频次、超频次批准、超期未公开和到期证件",
    "名录应在随机源产生之前固化",
    "由其他机关判定，本机关只记录看到的情况，之后移送",
    "不符合，请写明看到的情况",
    "先报警、通知监护人，关好出入口，调看录像",
    "在场人员立即报告负责人",
    "《突发公共卫生事件应对法》（立即报告）",
    "报告时间应在发生之后、现在之前",
    "立即",
    "公开检查结果",
    "《政府信息公开条例》第二十六条",
    "只写看到的事实，不写处罚意见，不写孩子姓名",
    "通知书已经撤回",
    "发出检查通知书",
    "已公开",
    "通知书发出后进场检查",
    "已通知",
    "待公开",
    "检查结果即将到公开期限",
    "{no}（{name}）请于{due}公开",
    "检查结果超期未公开",
    "{no}（{name}）应于{due}公开",
    "请出示执法证件和通知书",
    "收到行政检查通知书",
    "检查结果已公开",
    "通知方式",
    "如不服本通知，可以自收到之日起六十日内依法申请行政复议，或者在六个月内依法提起行政诉讼",
    "行政检查通知书",
    "责令改正通知书",
    "检查人员未出示执法证件和本通知书的，你单位有权拒绝检查",
    "公开日期",
    "已经开始的检查不受影响",
    "检查通知书",
    "结果超期公开",
    "超期未公开，或者今年超期后才公开",
    "年行政检查的频次、批准和公开",
    "公开",
    "超期公开",
    "超期未公开",
    "还没有公开",
    "送达责令改正通知书",
    "签收责令改正通知书",
    "收到责令改正通知书",
    "公开的检查结果",
    "近3年公开的监督检查结果数",
    "最近一次结果的公开日期",
    "公开的检查结果中还没有改正的问题数",
    "最近公开的检查结果",
    "空：没有公开的结果",
    "还没有公开的检查结果",
    "没有公开的结果，可能是还没有检查或者还没到公开的时候，不等于检查过没有问题",
    "检查部门公开",
    "公开的检查结果数",
    "近3年公开的监督检查结果，内容见网页",
    "最近公开的一次检查的结论",
    "检查结果公开日期",
    "公开的检查结果中还没有改正的",
    "更早的可以依申请公开",
    "公开，编号",
    "监督检查结果公开",
    "只写看到的事实，不写孩子姓名",
    "更正通知书",
    "看到的情况",
    "知道的填写，可从机构公开页面查到",
    "草案2025-12-22首次审议并公开征求意见，没有查到再次审议或者通过的消息（截至2026-09）",
    "依据：《托育机构登记和备案办法（试行）》（国卫办人口发〔2019〕25号）：备案内容不符合的，应当书面通知、说明理由并向社会公开",
    "依法、诚信经营，收费公开，接受有关部门、婴幼儿监护人和社会的监督",
    "机构已经第…次提交，您看到的是第…次提交",
    "该记录已被他人更新为第…版（您看到的是第…版）",
    "请等并行期结束，或选择立即停用旧密钥",
    "请等它停用，或选择立即停用旧密钥",
    "要立即停下，请先暂停推送",
    "正式通知还没有发布，先按往年安排推算的",
    "到期自动办理",
    "请通知有权批准的同事",
    "已有批准码而仍看到本页的，请向平台管理员重新申请",
    "返回，不保存",
    "公开变更",
    "公开名录",
    "向社会公开",
    "公开的备案状态",
    "读取一家托育机构的公开信息",
    "公开信息变更",
    "备案状态、名称、地址、托位、收费等公开信息的变更",
    "条公开信息变更",
    "机构平时接收婴幼儿的时间，由机构填报，去之前请先打电话问一问",
    "看到了什么",
    "本邮件由平台自动发出，请勿回复",
    "盐城市托育服务公共平台本邮件由平台自动发出，请勿回复",
    "有人用这个邮箱申请接收…的公开信息变更",
    "您关注的…有新的公开信息变更",
    "已登记未备案提醒：…家，通知…人",
    "公开页面上的样子",
    "看公开页面现在的内容",
    "去看公开信息",
    "PDF含有脚本、自动执行动作或内嵌附件（{found}），不能上传",
)
