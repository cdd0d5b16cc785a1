#!/bin/sh
# Makes a virtual environment that can run examples/lightning: PyTorch for the CPU from Debian 12, the rest from the
# package index. The index's own Linux wheel of torch brings gigabytes of CUDA libraries.
#
#   tests/e2e/setup_lightning.sh <folder>      then: export OXFLOW_PY_LIGHTNING=<folder>/bin/python
set -eu
folder=${1:?usage: setup_lightning.sh <folder>}
here=$(cd "$(dirname "$0")" && pwd)

if ! /usr/bin/python3 -c 'import torch' 2>/dev/null; then
    if [ "$(id -u)" != 0 ]; then
        echo "error: python3-torch is missing; as root: apt-get install --no-install-recommends python3-torch python3-venv" >&2
        exit 1
    fi
    apt-get install -y --no-install-recommends python3-torch python3-venv
fi
/usr/bin/python3 -m venv --system-site-packages "$folder"
site=$("$folder/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

# Debian's torch is 1.13.1 but calls itself a 1.13.0 pre-release, and one of its modules does not import with Python
# 3.11 (a mutable default of a dataclass). Both are mended in a copy made of links; only the two files are real.
if [ ! -e "$site/torch" ]; then
    torch=/usr/lib/python3/dist-packages/torch
    metadata=distributed/_shard/sharded_tensor/metadata.py
    cp -rs "$torch" "$site/torch"
    rm "$site/torch/version.py" "$site/torch/$metadata"
    sed "s/1\.13\.0a0/1.13.1/" "$torch/version.py" > "$site/torch/version.py"
    sed 's/field(default=TensorProperties())/field(default_factory=TensorProperties)/' "$torch/$metadata" > "$site/torch/$metadata"
fi

# If the pins ever stop to fit Debian's torch, this says so before gigabytes come down.
if "$folder/bin/pip" install --dry-run -r "$here/requirements-lightning.txt" | grep -E 'Would install.* (torch|nvidia)-'; then
    echo "error: pip would replace Debian's torch; change the pins in requirements-lightning.txt" >&2
    exit 1
fi
"$folder/bin/pip" install -q -r "$here/requirements-lightning.txt"
"$folder/bin/python" -c 'import torch, pytorch_lightning as pl; print("torch", torch.__version__, "lightning", pl.__version__)'
