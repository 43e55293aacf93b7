"""人员与职责: the pages on which administrators keep the departments' staff; all that the services offer, in Chinese."""
