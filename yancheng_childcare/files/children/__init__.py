"""Scripts that run as child processes on hostile content. They import nothing of the portal; `run.py` starts them."""
