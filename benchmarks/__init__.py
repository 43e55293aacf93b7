"""Every figure of the README by one command, with its baseline beside it in the same run."""
