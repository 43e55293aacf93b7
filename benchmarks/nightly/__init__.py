"""Batch import measured: our import against one validated save per row, a raw COPY, and another xlsx reader."""
