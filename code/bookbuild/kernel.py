"""The kernels in which pages run: their configuration and environment. Both are part of a page's key."""

import os
from pathlib import Path

from deepmedia.claims import RECORDING

CONFIGURATION = """\
c = get_config()  # noqa: F821
# TensorFlow's C++ log goes to the kernels' log; Python's warnings still reach the page.
c.IPKernelApp.capture_fd_output = False
c.IPKernelApp.log_level = "ERROR"  # no warning about the loopback address
"""
VARIABLES = {
    "JUPYTER_PREFER_ENV_PATH": "1",
    "OPENBLAS_NUM_THREADS": "1",  # pages side by side: NumPy's threads wait for each other (34 s for 7 s)
    RECORDING: "1",  # claims go to the build, not into the page's text
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_ONEDNN_USE_SYSTEM_ALLOCATOR": "1",  # or TensorFlow keeps what networks had, as in .binder/start
}


def kernel_environment(folder: Path) -> dict[str, str]:
    """Environment of the kernels: this environment's kernel, its log kept out of the pages."""
    profile = folder / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text(CONFIGURATION)
    kept = {name: value for name, value in os.environ.items() if name not in {"JUPYTER_PATH", "PYTHONPATH"}}
    return kept | {"IPYTHONDIR": str(folder)} | VARIABLES
