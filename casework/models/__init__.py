"""What every case has: the case itself, its letters, second signatures, files, and who stands in for whom."""

from .case import Attachment, Case, CaseBody, Deputy
from .letter import Letter, LetterReply, LetterService
from .proposal import CaseProposal

__all__ = [
    "Attachment",
    "Case",
    "CaseBody",
    "CaseProposal",
    "Deputy",
    "Letter",
    "LetterReply",
    "LetterService",
]
