"""个人信息查看记录: who looked at whose personal data, when and why, for the auditors."""
