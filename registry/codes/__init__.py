"""Error codes, one module a package. Codes are public: never reuse one, never change its meaning."""
