"""What importing loads, and what it does not."""

import json
import subprocess
import sys

import pytest

HEAVY = {
    "httpx",
    "httpx2",
    "httpcore",
    "h11",
    "pydantic",
    "aiohttp",
    "requests",
    "Tea",
    "darabonba",
    "anyio",
    "tqdm",
    "yaml",
}


def loaded(statement):
    """The top-level names of the modules that a statement loads in a new interpreter."""
    code = f"import json, sys; {statement}; print(json.dumps(sorted({{n.partition('.')[0] for n in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    "statement",
    [
        "import eas_deploy",
        "from eas_deploy import Deployer, AsyncDeployer",
        "import eas_deploy.clients",
        "import eas_deploy.emulator",
    ],
)
def test_nothing_heavy(statement):
    """Neither models nor HTTP nor the official packages, until something is made."""
    names = loaded(statement)

    assert not names & HEAVY
    assert not {name for name in names if name.startswith("alibabacloud")}


def test_no_official_package_before_the_first_call():
    """A deployer can be made, and a request checked, without them."""
    names = loaded(
        "from eas_deploy import Deployer; from eas_deploy.patterns import VllmOss;"
        "Deployer('cn-hangzhou', access_key_id='i', access_key_secret='s').service('demo')"
    )

    assert not {name for name in names if name.startswith("alibabacloud")} | (
        names & {"aiohttp", "requests", "Tea"}
    )
