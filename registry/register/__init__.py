"""The public register: a read model without personal data, its search, its pages, downloads, feeds and reports."""
