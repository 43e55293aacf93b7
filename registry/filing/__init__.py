"""备案: from the first word typed to receipt, correction, refusal, change, suspension and closure (domain.md §2).

`sections` what is asked · `values` how answers are read · `drafts` saving as you go · `materials` uploads · `precheck`
the rules while they type · `workflow` the transition table with its `guards` and `effects` · `review` items, verdicts
and letters · `services` what both faces call · `publication` what leaves the house.
"""
