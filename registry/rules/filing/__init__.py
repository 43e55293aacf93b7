"""The rules a filing is judged by: the catalogue is data, every check a pure function (docs/rules.md)."""
